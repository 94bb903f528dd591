import type { FakeNetwork } from './fakeNetwork';
import type { ClientEnd } from './fakeWire';
import type { WireEnd } from './wireEnd';
import { utf8Length } from './utf8Length';

/** What the browser would have printed. */
export interface ConsoleLine {
  readonly level: 'warning' | 'error';
  readonly text: string;
}

/** The standard interface, but for the overloads that name each event. */
type Standard = Omit<WebSocket, 'addEventListener' | 'removeEventListener' | 'dispatchEvent'>;

type Handler<E extends Event> = ((this: WebSocket, event: E) => unknown) | null;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

const MAX_REASON_BYTES = 123;

/** Characters of an RFC 7230 token. */
const SUBPROTOCOL = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

export interface FakeWebSocketSetup {
  readonly network: FakeNetwork;
  /** Relative URLs are resolved against it. */
  readonly baseUrl: string;
  onConsole(line: ConsoleLine): void;
}

/**
 * The `WebSocket` of one tab, as Chromium behaves.
 *
 * @see https://websockets.spec.whatwg.org/
 */
export function createFakeWebSocket(
  setup: FakeWebSocketSetup,
): new (url: string | URL, protocols?: string | string[]) => WebSocket {
  class FakeWebSocket extends EventTarget implements Standard {
    static readonly CONNECTING = CONNECTING;
    static readonly OPEN = OPEN;
    static readonly CLOSING = CLOSING;
    static readonly CLOSED = CLOSED;
    readonly CONNECTING = CONNECTING;
    readonly OPEN = OPEN;
    readonly CLOSING = CLOSING;
    readonly CLOSED = CLOSED;
    readonly url: string;
    readonly extensions = '';
    binaryType: BinaryType = 'blob';
    #protocol = '';
    #readyState: 0 | 1 | 2 | 3 = CONNECTING;
    #bufferedAmount = 0;
    /** The part of it that leaves when the task is over. */
    #leavingAmount = 0;
    readonly #wire;
    readonly #handlers = new Map<string, unknown>();

    constructor(url: string | URL, protocols: string | string[] = []) {
      super();
      this.url = socketUrl(String(url), setup.baseUrl);
      const offered = typeof protocols === 'string' ? [protocols] : Array.from(protocols, String);
      checkProtocols(offered);
      const client: ClientEnd = {
        opened: protocol => this.#opened(protocol),
        received: data => this.#received(data),
        closed: end => this.#closed(end),
        blocked: () => this.dispatchEvent(new Event('error')),
      };
      this.#wire = setup.network.connect(this.url, offered, client);
      if (this.#wire.isBlocked) this.#readyState = CLOSED;
    }

    get readyState(): 0 | 1 | 2 | 3 {
      return this.#readyState;
    }

    get protocol(): string {
      return this.#protocol;
    }

    /** Says nothing about the line: 0 from the next task on, whoever answers. Counts what is sent after the end. */
    get bufferedAmount(): number {
      return this.#bufferedAmount;
    }

    get onopen(): Handler<Event> {
      return this.#handlerOf('open');
    }
    set onopen(handler: Handler<Event>) {
      this.#handle('open', handler);
    }
    get onmessage(): Handler<MessageEvent> {
      return this.#handlerOf('message');
    }
    set onmessage(handler: Handler<MessageEvent>) {
      this.#handle('message', handler);
    }
    get onerror(): Handler<Event> {
      return this.#handlerOf('error');
    }
    set onerror(handler: Handler<Event>) {
      this.#handle('error', handler);
    }
    get onclose(): Handler<CloseEvent> {
      return this.#handlerOf('close');
    }
    set onclose(handler: Handler<CloseEvent>) {
      this.#handle('close', handler);
    }

    send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
      if (this.#readyState === CONNECTING) {
        throw new DOMException('Still in CONNECTING state.', 'InvalidStateError');
      }
      const copy = copied(data);
      const size = sizeOf(copy);
      this.#bufferedAmount += size;
      if (this.#readyState === OPEN) {
        if (this.#leavingAmount === 0) this.#wire.afterTask(() => this.#release());
        this.#leavingAmount += size;
        this.#wire.send(copy);
      } else {
        setup.onConsole({ level: 'error', text: 'WebSocket is already in CLOSING or CLOSED state.' });
      }
    }

    close(code?: number, reason?: string): void {
      const sent = checkClose(code, reason);
      if (this.#readyState === CLOSING || this.#readyState === CLOSED) return;
      if (this.#readyState === CONNECTING) {
        setup.onConsole({
          level: 'warning',
          text: 'WebSocket is closed before the connection is established.',
        });
      }
      this.#readyState = CLOSING;
      this.#wire.close(sent, String(reason ?? ''));
    }

    #release(): void {
      this.#bufferedAmount -= this.#leavingAmount;
      this.#leavingAmount = 0;
    }

    #opened(protocol: string): void {
      this.#readyState = OPEN;
      this.#protocol = protocol;
      this.dispatchEvent(new Event('open'));
    }

    #received(data: string | ArrayBuffer): void {
      if (this.#readyState !== OPEN) return;
      const isBlob = typeof data !== 'string' && this.binaryType === 'blob';
      this.dispatchEvent(new MessageEvent('message', { data: isBlob ? new Blob([data]) : data }));
    }

    #closed({ code, reason, wasClean, isError }: WireEnd): void {
      this.#readyState = CLOSED;
      if (isError) this.dispatchEvent(new Event('error'));
      // Node 20 has no CloseEvent.
      this.dispatchEvent(Object.assign(new Event('close'), { code, reason, wasClean }));
    }

    #handlerOf<E extends Event>(type: string): Handler<E> {
      return (this.#handlers.get(type) as Handler<E> | undefined) ?? null;
    }

    /** The first handler takes its place among the listeners, later ones inherit it. */
    #handle<E extends Event>(type: string, handler: Handler<E>): void {
      if (!this.#handlers.has(type)) {
        if (handler === null) return;
        this.addEventListener(type, event => {
          this.#handlerOf(type)?.call(this as unknown as WebSocket, event);
        });
      }
      this.#handlers.set(type, handler);
    }
  }

  return FakeWebSocket as unknown as new (url: string | URL, protocols?: string | string[]) => WebSocket;
}

function socketUrl(text: string, baseUrl: string): string {
  const url = URL.canParse(text, baseUrl) ? new URL(text, baseUrl) : null;
  if (url?.protocol === 'http:') url.protocol = 'ws:';
  if (url?.protocol === 'https:') url.protocol = 'wss:';
  // An empty fragment is one, too, although `hash` does not show it.
  if (url && /^wss?:$/.test(url.protocol) && !url.href.includes('#')) return url.href;
  throw new DOMException('This URL cannot be dialled.', 'SyntaxError');
}

function checkProtocols(offered: readonly string[]): void {
  if (new Set(offered).size === offered.length && offered.every(name => SUBPROTOCOL.test(name))) return;
  throw new DOMException('A subprotocol is not allowed, or named twice.', 'SyntaxError');
}

/** The code as it leaves; throws as a browser does. */
function checkClose(code: number | undefined, reason: string | undefined): number | undefined {
  const sent = code === undefined ? undefined : Math.trunc(Number(code)) || 0;
  const isAllowed =
    sent === undefined ? reason === undefined : sent === 1000 || (sent >= 3000 && sent <= 4999);
  if (!isAllowed) {
    throw new DOMException('The close code must be 1000 or between 3000 and 4999.', 'InvalidAccessError');
  }
  if (utf8Length(String(reason ?? '')) > MAX_REASON_BYTES) {
    throw new DOMException(`The reason must not be longer than ${MAX_REASON_BYTES} bytes.`, 'SyntaxError');
  }
  return sent;
}

/** The bytes of this moment; the page may change them later. */
function copied(data: unknown): string | ArrayBuffer | Blob {
  if (data instanceof ArrayBuffer) return data.slice(0);
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer;
  }
  return data instanceof Blob ? data : String(data);
}

function sizeOf(data: string | ArrayBuffer | Blob): number {
  if (typeof data === 'string') return utf8Length(data);
  return data instanceof Blob ? data.size : data.byteLength;
}

import { dialUrl } from '../runtime/dialUrl';
import type { AuthSocket } from '../runtime/authSocket';
import { AuthSocketError } from '../machine/errors';
import { createHandlerSlots } from './handlerSlots';
import { createLender, type Lender } from './lender';
import { createLentLink, type LentLink } from './lentLink';
import type { AuthWebSocketOptions } from './options';
import { closeArguments, socketData, socketProtocols, socketUrl } from './socketRules';

type Handler<E extends Event> = ((this: WebSocket, event: E) => unknown) | null;

/**
 * A standard `WebSocket` whose every construction dials with a fresh credential. `authWebSocket()` makes constructors of
 * it.
 *
 * `readyState` is CONNECTING while the credential is fetched. None in time: `error`, then `close` with 1006, as for a
 * server that cannot be reached, and whoever constructed it tries again by rules of its own. The session never ends by
 * that. When the session does end the socket closes with 1000.
 *
 * @see https://websockets.spec.whatwg.org/
 */
export abstract class AuthWebSocket extends EventTarget implements WebSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  declare addEventListener: WebSocket['addEventListener'];
  declare removeEventListener: WebSocket['removeEventListener'];
  readonly #url: string;
  readonly #link: LentLink;
  readonly #handlers = createHandlerSlots(this);

  protected constructor(lender: Lender, url: string | URL, protocols: string | readonly string[]) {
    super();
    const { page, WebSocket } = lender.platform;
    this.#url = socketUrl(url, page?.href);
    const offered = socketProtocols(protocols);
    if (typeof WebSocket !== 'function') {
      throw new AuthSocketError(
        'invalid-option',
        'authWebSocket: there is no WebSocket here: give platform.WebSocket.',
      );
    }
    refuseExposed(this.#url, lender.allowInsecure);
    this.#link = createLentLink({
      lender,
      url: this.#url,
      offered,
      fire: event => this.dispatchEvent(event),
    });
  }

  get CONNECTING(): 0 {
    return 0;
  }
  get OPEN(): 1 {
    return 1;
  }
  get CLOSING(): 2 {
    return 2;
  }
  get CLOSED(): 3 {
    return 3;
  }

  /** As it was given; what a carrier adds to it is not shown. */
  get url(): string {
    return this.#url;
  }
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#link.readyState;
  }
  /** The one that the server chose, from the open event on. */
  get protocol(): string {
    return this.#link.protocol;
  }
  get extensions(): string {
    return this.#link.extensions;
  }
  get bufferedAmount(): number {
    return this.#link.bufferedAmount;
  }
  /** @default 'blob' */
  get binaryType(): BinaryType {
    return this.#link.binaryType;
  }
  set binaryType(type: BinaryType) {
    this.#link.binaryType = type;
  }

  get onopen(): Handler<Event> {
    return this.#handlers.get('open');
  }
  set onopen(handler: Handler<Event>) {
    this.#handlers.set('open', handler);
  }
  get onmessage(): Handler<MessageEvent> {
    return this.#handlers.get('message');
  }
  set onmessage(handler: Handler<MessageEvent>) {
    this.#handlers.set('message', handler);
  }
  get onerror(): Handler<Event> {
    return this.#handlers.get('error');
  }
  set onerror(handler: Handler<Event>) {
    this.#handlers.set('error', handler);
  }
  get onclose(): Handler<CloseEvent> {
    return this.#handlers.get('close');
  }
  set onclose(handler: Handler<CloseEvent>) {
    this.#handlers.set('close', handler);
  }

  /** Throws an InvalidStateError while CONNECTING. After the end it reaches nobody and counts in `bufferedAmount`. */
  send(data: string | BufferSource | Blob): void {
    this.#link.send(socketData(data));
  }

  /** Throws an InvalidAccessError for a code other than 1000 and 3000 to 4999, a SyntaxError for a reason over 123 bytes. */
  close(code?: number, reason?: string): void {
    this.#link.close(...closeArguments(code, reason));
  }
}

/** What `authWebSocket()` returns: give it to any library that takes a `WebSocket` class. */
export interface AuthWebSocketConstructor {
  new (url: string | URL, protocols?: string | string[]): AuthWebSocket;
  readonly prototype: AuthWebSocket;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  /** The session that its sockets live by: the client that was given as `getToken`, or their own. */
  readonly session: AuthSocket;
}

/**
 * Binds `AuthWebSocket` to a session and a way to present its token.
 *
 * Throws an `AuthSocketError` 'invalid-option' that names the option. Does nothing else until a socket is constructed:
 * safe at module scope and on a server.
 */
export function authWebSocket(options: AuthWebSocketOptions): AuthWebSocketConstructor {
  const lender = createLender(options);
  return class extends AuthWebSocket {
    static readonly session = lender.session;

    constructor(url: string | URL, protocols: string | string[] = []) {
      super(lender, url, protocols);
    }
  };
}

/** A credential on a wire that others can read is refused, as a browser refuses it on a page that came over https. */
function refuseExposed(url: string, allowInsecure: boolean): void {
  try {
    dialUrl(() => ({ url, allowInsecure }), undefined)();
  } catch (cause) {
    throw new DOMException((cause as Error).message, 'SecurityError');
  }
}

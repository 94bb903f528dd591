/** The server's end of one link. */
export interface TestConnection {
  /** As the client dialled it, query included. */
  readonly url: string;
  /** The subprotocols that the client offered. */
  readonly protocols: readonly string[];
  /** What the client sent: JSON objects parsed, everything else as it came. */
  readonly received: readonly unknown[];
  /** A string or bytes leave as they are, anything else as JSON. */
  send(frame: unknown): void;
  /** Begins the closing handshake, behind what was sent before. */
  close(code?: number, reason?: string): void;
  /** Resets the connection: the browser reports 1006 and no error. */
  drop(): void;
  /** The cable is cut and nobody notices: nothing arrives any more, in either direction, and nothing fails. */
  halfOpen(): void;
  /** Sends what breaks the protocol, such as text that is not UTF-8: the browser fails the link. */
  sendInvalid(): void;
  /** True until either side closed it or the cable was cut. */
  readonly isOpen: boolean;
  /** How it ended, as the server knows: null while it has not. */
  readonly closed: ConnectionEnd | null;
}

/** How a link ended, and by whom. */
export interface ConnectionEnd {
  readonly by: 'client' | 'server';
  readonly code: number;
  readonly reason: string;
}

/** The way to the client. What goes in arrives in order. */
export interface Downlink {
  deliverMessage(data: string | ArrayBuffer): void;
  deliverClose(code: number, reason: string): void;
  deliverReset(): void;
  deliverFailure(): void;
  /** Nothing that goes in from now on arrives. */
  sever(): void;
}

/** Codes that no close frame may carry: the browser fails the link. */
const UNSENDABLE_CODES = [1005, 1006, 1015];
const NO_STATUS = 1005;
const ABNORMAL = 1006;
const PROTOCOL_ERROR = 1002;

export interface ConnectionSetup {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly downlink: Downlink;
  onFrame(connection: FakeConnection, frame: unknown): void;
  onEnd(connection: FakeConnection): void;
}

export class FakeConnection implements TestConnection {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly received: unknown[] = [];
  readonly #setup: ConnectionSetup;
  #isSevered = false;
  #closed: ConnectionEnd | null = null;

  constructor(setup: ConnectionSetup) {
    this.url = setup.url;
    this.protocols = setup.protocols;
    this.#setup = setup;
  }

  get isOpen(): boolean {
    return !this.#isSevered && this.#closed === null;
  }

  get closed(): ConnectionEnd | null {
    return this.#closed;
  }

  send(frame: unknown): void {
    if (this.isOpen) this.#setup.downlink.deliverMessage(encode(frame));
  }

  close(code?: number, reason = ''): void {
    if (!this.isOpen) return;
    this.#end('server', code ?? NO_STATUS, reason);
    if (code !== undefined && UNSENDABLE_CODES.includes(code)) this.#setup.downlink.deliverFailure();
    else this.#setup.downlink.deliverClose(code ?? NO_STATUS, reason);
  }

  drop(): void {
    if (!this.isOpen) return;
    this.#end('server', ABNORMAL, '');
    this.#setup.downlink.deliverReset();
  }

  halfOpen(): void {
    this.#isSevered = true;
    this.#setup.downlink.sever();
  }

  sendInvalid(): void {
    if (!this.isOpen) return;
    this.#end('client', PROTOCOL_ERROR, 'Invalid UTF-8 in text frame');
    this.#setup.downlink.deliverFailure();
  }

  /** A frame arrived. */
  receive(data: unknown): void {
    if (!this.isOpen) return;
    const frame = decode(data);
    this.received.push(frame);
    this.#setup.onFrame(this, frame);
  }

  /** A close frame arrived: it is answered, unless the server's own crossed it. */
  receiveClose(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.#end('client', code, reason);
    this.#setup.downlink.deliverClose(code, reason);
  }

  /** The browser went away without asking the page. */
  lose(code: number): void {
    if (this.#closed === null) this.#end('client', code, '');
  }

  #end(by: ConnectionEnd['by'], code: number, reason: string): void {
    this.#closed = { by, code, reason };
    this.#setup.onEnd(this);
  }
}

/** Copies bytes, so that neither side sees what the other writes into them later. */
function encode(frame: unknown): string | ArrayBuffer {
  if (typeof frame === 'string') return frame;
  if (frame instanceof ArrayBuffer) return frame.slice(0);
  if (ArrayBuffer.isView(frame)) {
    return new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength).slice().buffer;
  }
  return JSON.stringify(frame);
}

function decode(data: unknown): unknown {
  if (typeof data !== 'string') return data;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null ? frame : data;
  } catch {
    return data;
  }
}

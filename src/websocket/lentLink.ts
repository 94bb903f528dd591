import { AuthSocketError } from '../machine/errors';
import { closeEvent } from './closeEvent';
import type { Lender, LentDial } from './lender';
import { frameSize, type CloseArguments, type SocketData } from './socketRules';

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

export interface LinkPorts {
  lender: Lender;
  url: string;
  /** The subprotocols that the library offers; what the carrier adds comes behind them. */
  offered: readonly string[];
  fire(event: Event): void;
}

/** What stands behind one socket: first a credential, then a socket of the platform. */
export interface LentLink {
  readonly readyState: 0 | 1 | 2 | 3;
  readonly protocol: string;
  readonly extensions: string;
  readonly bufferedAmount: number;
  binaryType: BinaryType;
  send(data: SocketData): void;
  close(...args: CloseArguments): void;
}

/** Sockets of Node throw an error that nobody listens to. */
const ignore = (): void => {};

/**
 * ```
 * CONNECTING (credential) --> CONNECTING (handshake) --> OPEN --> CLOSING --> CLOSED
 *      \--- none in time, close(), signed out ---\----------------------------^  error, 1006
 * ```
 */
export function createLentLink({ lender, url, offered, fire }: LinkPorts): LentLink {
  const { clock, WebSocket } = lender.platform;
  const dialling = new AbortController();
  const { origin } = new URL(url);
  let state: 0 | 1 | 2 | 3 = CONNECTING;
  let native: WebSocket | null = null;
  let token: string | null = null;
  let openedAt: number | null = null;
  let protocol = '';
  let extensions = '';
  let binaryType: BinaryType = 'blob';
  let hasFailed = false;
  /** What was sent after the end. */
  let lateBytes = 0;
  /** What was sent in this task, where the platform forgets it at once. */
  let taskBytes = 0;
  let cancelDeadline = ignore;

  const release = lender.hold({ close, abandon });
  lender.dial(url, dialling.signal).then(adopt, cause => {
    if (state !== CONNECTING) return;
    lender.report(cause);
    fail();
  });

  function adopt(dial: LentDial): void {
    if (state !== CONNECTING) return;
    token = dial.token;
    const protocols = [...new Set([...offered, ...dial.protocols])];
    let socket: WebSocket;
    try {
      socket = new WebSocket(dial.url.href, protocols);
    } catch (cause) {
      // The cause may quote the URL, and with it a ticket.
      const name = cause instanceof Error ? cause.name : undefined;
      lender.report(
        new AuthSocketError('invalid-option', 'The socket could not be made from url and carrier.', name),
      );
      return fail();
    }
    native = socket;
    socket.binaryType = binaryType;
    socket.onopen = opened;
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (state === OPEN) fire(new MessageEvent('message', { data, origin }));
    };
    socket.onerror = () => {
      hasFailed = true;
    };
    socket.onclose = ({ code, reason, wasClean }) => finish(code, reason, wasClean, hasFailed);
    // A dial that the content security policy forbids has no close event in Chromium.
    if (socket.readyState === CLOSED) fail();
    else cancelDeadline = clock.setTimer(abandon, lender.dialMs);
  }

  function opened(): void {
    if (state !== CONNECTING || !native) return;
    cancelDeadline();
    state = OPEN;
    openedAt = clock.elapsedMs();
    ({ protocol, extensions } = native);
    fire(new Event('open'));
  }

  /** Ends what never opened, in a task of its own: the library may only just have got the socket. */
  function fail(): void {
    cancelDeadline();
    cancelDeadline = clock.setTimer(() => finish(1006, '', false, true), 0);
  }

  /** Ends it for the library now, whatever the other side does. */
  function abandon(): void {
    if (native) {
      native.onopen = native.onmessage = native.onclose = null;
      native.onerror = ignore;
      native.close();
    }
    finish(1006, '', false, state === CONNECTING);
  }

  function finish(code: number, reason: string, wasClean: boolean, isError: boolean): void {
    if (state === CLOSED) return;
    // What the library closes itself is nobody's verdict.
    const isJudged = native !== null && state !== CLOSING;
    state = CLOSED;
    cancelDeadline();
    dialling.abort();
    release();
    if (isJudged) {
      lender.learn({ token, code, reason, openMs: openedAt === null ? null : clock.elapsedMs() - openedAt });
    }
    if (isError) fire(new Event('error'));
    fire(closeEvent(code, reason, wasClean));
  }

  function close(...args: CloseArguments): void {
    if (state === CLOSING || state === CLOSED) return;
    state = CLOSING;
    cancelDeadline();
    dialling.abort();
    if (native) native.close(...args);
    else fail();
  }

  return {
    get readyState() {
      // The other side may have begun to close.
      return native && native.readyState > state && state !== CLOSED ? CLOSING : state;
    },
    get protocol() {
      return protocol;
    },
    get extensions() {
      return extensions;
    },
    get bufferedAmount() {
      return (native?.bufferedAmount ?? 0) + taskBytes + lateBytes;
    },
    get binaryType() {
      return binaryType;
    },
    set binaryType(type) {
      if (type !== 'blob' && type !== 'arraybuffer') return;
      binaryType = type;
      if (native) native.binaryType = type;
    },
    send(data) {
      if (state === CONNECTING) throw new DOMException('Still in CONNECTING state.', 'InvalidStateError');
      if (state !== OPEN || native?.readyState !== OPEN) {
        lateBytes += frameSize(data);
        return;
      }
      const before = native.bufferedAmount;
      native.send(data);
      if (native.bufferedAmount > before) return;
      if (taskBytes === 0) {
        clock.setTimer(() => {
          taskBytes = 0;
        }, 0);
      }
      taskBytes += frameSize(data);
    },
    close,
  };
}

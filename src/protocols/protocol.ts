import type { SignedOut, TokenRejected, Unavailable } from '../machine/tokenAnswer';
import type { Verdict } from '../machine/verdict';

/** A frame as it arrives; `binaryType` is always 'arraybuffer'. */
export type Inbound = string | ArrayBuffer;
/** A frame as it leaves. */
export type Outbound = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;

/** Where and how to dial, or why not now. */
export type DialAnswer =
  | {
      url: URL;
      protocols?: string[];
      /** The answer is good for so long from the moment of asking, sleep included; a later one is dropped. */
      maxAgeMs?: number;
    }
  | TokenRejected
  | SignedOut
  | Unavailable;

/** What one frame of the server means. */
export type Frame<In> =
  | { kind: 'message'; message: In; topic?: string | undefined }
  | { kind: 'ready'; expiresInMs?: number | undefined }
  | { kind: 'refreshed'; id?: number | undefined; expiresInMs?: number | undefined }
  | { kind: 'refused'; id?: number | undefined; verdict: Verdict }
  | { kind: 'expiring'; inMs: number }
  | { kind: 'verdict'; verdict: Verdict; retryAfterMs?: number | undefined }
  | { kind: 'reply'; data: Outbound }
  | { kind: 'pong' }
  | { kind: 'ignore' }
  | { kind: 'malformed'; why: string };

/** How a link ended, as `judgeClose` sees it. */
export interface CloseFacts {
  code: number;
  reason: string;
  phase: 'dialing' | 'authenticating' | 'open';
  /** The verdict frame that came at most 2 s before this close. */
  lastVerdict: Verdict | null;
}

/** A verdict, with the wait that the server named. */
export type Judgement = Verdict | { verdict: Verdict; retryAfterMs?: number };

/** A server dialect as plain data in, data out. The client knows no dialect. */
export interface SocketProtocol<In = unknown, Out = unknown> {
  readonly name: string;
  /**
   * Before each dial, right before the constructor: ticket, subprotocol, extra query. Never cached. `token` is null
   * where a cookie is the credential. A throw or a rejection means "not now"; an `AuthSocketError` 'invalid-option'
   * stops the link.
   */
  prepare?(dial: { url: URL; token: string | null; signal: AbortSignal }): DialAnswer | Promise<DialAnswer>;
  /**
   * The first frame or frames; nothing else leaves before `read` says ready. `token` is '' where a cookie is the
   * credential; null: then there is nothing to say, and the link is ready as it is.
   */
  hello?(token: string): Outbound | readonly Outbound[] | null;
  /** 'authenticating' until a ready frame. Default: `hello` is present. */
  waitsForReady?: boolean;
  /**
   * In-band refresh; `id` counts up per socket from 1. Without it a new token means a new socket, opened before the
   * old one is retired. An empty list: the server does not look at the token again, and the link goes on as it is.
   */
  refresh?(token: string, id: number): Outbound | readonly Outbound[];
  /** A frame that the server answers. `idle`: the user did nothing for a heartbeat interval. */
  ping?(idle: boolean): Outbound;
  /** false: the ping only keeps proxies open, no deadline. Default true. */
  answersPing?: boolean;
  /**
   * For a dialect in which the server pings and answers none: it says something at least this often. A link that is
   * silent for the heartbeat's `timeoutMs` longer is dead.
   */
  serverPingMs?: number;
  read(data: Inbound): Frame<In> | readonly Frame<In>[];
  write(message: Out): Outbound;
  judgeClose(close: CloseFacts): Judgement;
}

/** How the credential reaches the server: one per protocol. */
export type Carrier = Pick<SocketProtocol, 'prepare' | 'hello' | 'waitsForReady'>;

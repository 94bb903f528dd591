import type { DropReason } from '../machine/effect';
import type { AuthSocketError } from '../machine/errors';
import type { EndedBy } from '../machine/event';
import type { TokenGrant } from '../machine/tokenAnswer';
import type { SocketProtocol } from '../protocols/protocol';
import type { Platform } from './ports';
import type { TokenSource } from './tokenSource';
import type { TraceEvent } from './trace';

/** Options of `createAuthSocket()` and of the provider. All may be left out; most need `url` and `getToken`. */
export interface AuthSocketOptions<In = unknown, Out = unknown> {
  /**
   * ws(s) or http(s) URL, or a path: resolved against the page at dial time (a path starts with `/`). A function is
   * called per dial. Omit it to run the session alone.
   */
  url?: string | URL | (() => string | URL);
  /** Omit when the carrier is `ticket()` or `cookie()` alone: the session is then valid at the first ready link. */
  getToken?: TokenSource;
  /** A token the server rendered into the page. */
  initialToken?: TokenGrant;
  /**
   * The server's dialect. A function is called per dial. A link keeps the protocol it was dialled with.
   *
   * @default jsonProtocol()
   */
  protocol?: SocketProtocol<In, Out> | (() => SocketProtocol<In, Out>);
  /**
   * Who is signed in. `null` = nobody: no call, no socket, token and queue dropped, `session: 'signed-out'`, no
   * callback. Absent, or undefined = one session for the life of the client, whoever it is: `user?.id ?? null` says that
   * nobody is there. A change drops token, queue, socket and every `useSocketState`.
   */
  sessionKey?: string | null | undefined;
  /**
   * What tabs of the same `sessionKey` do for each other. 'share': one refreshes, the others get the access token from
   * it, in memory; a sign-out in one is a sign-out in all. 'signal': siblings only learn that there is a new token, and
   * ask their own source. 'separate': nothing. Without a key there is nobody to share with. Read once.
   *
   * @default 'share'
   */
  tabs?: 'share' | 'signal' | 'separate';
  /**
   * What the tokens are for: clients of one key and another audience do not meet. Read once.
   *
   * @default the origin of `url` if it is a string or URL, else of the page
   */
  tokenAudience?: string;
  /** Once per session that had been valid, in every tab. Default: does nothing. A throw is reported to `onError`. */
  onSessionExpired?: (event: { reason: string; by: EndedBy; at: number }) => void;
  /** A message that was queued will not be sent. A throw is reported to `onError`. */
  onDropped?: (drop: { message: Out; why: DropReason }) => void;
  /** Something the application did or got was wrong; the client goes on. A throw here is ignored. */
  onError?: (error: AuthSocketError) => void;
  /** Redacted facts about every transition, for logs and the timeline. A throw here is ignored. */
  onTrace?: (event: TraceEvent) => void;

  /** How long before its expiry a token is refreshed, at most half of its life. @default 120_000 */
  refreshLeadMs?: number;
  /** Visible, awake time without a link before `lost` is true. @default 5_000 */
  lostAfterMs?: number;
  /** After the last provider has gone, before closing 1000. @default 1_000 */
  lingerMs?: number;
  /** Deadlines. @default 10_000 each, probe 3_000 */
  timeouts?: { tokenMs?: number; dialMs?: number; readyMs?: number; ackMs?: number; probeMs?: number };
  /**
   * Pings that prove the other end alive; false: none, and then no probe either.
   *
   * @default { intervalMs: 25_000, timeoutMs: 10_000, keepsSession: 'always' }
   */
  heartbeat?: { intervalMs?: number; timeoutMs?: number; keepsSession?: 'always' | 'while-used' } | false;
  /** @default { minMs: 500, maxMs: 30_000, stableAfterMs: 5_000 } */
  reconnect?: { minMs?: number; maxMs?: number; stableAfterMs?: number };
  /** @default { max: 256, maxAgeMs: 60_000, overflow: 'drop-newest' } */
  queue?: { max?: number; maxAgeMs?: number; overflow?: 'drop-oldest' | 'drop-newest' };
  /** `url()` may only name the origin of the first dial and these. */
  allowedOrigins?: string[];
  /** false: ws:// with a credential is refused off loopback. @default false */
  allowInsecure?: boolean;
  platform?: Partial<Platform>;
}

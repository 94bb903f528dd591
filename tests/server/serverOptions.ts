import type { CloseStyle, ReasonStyle } from './policyClose';
import type { SessionStore } from './sessionStore';

/**
 * How the credential of a socket reaches the server: `{"type":"auth"}` as the first frame, `?ticket=` in the query,
 * `Sec-WebSocket-Protocol: chat.v1, bearer.<base64url>`, or the session cookie of `/ws`.
 */
export type SocketAuthMode = 'first-message' | 'ticket' | 'subprotocol' | 'cookie';

/** What a test or the demo decides about the reference server. Every time is in milliseconds. */
export interface ReferenceServerOptions {
  /** TCP port on 127.0.0.1. @default 0 (any free one) */
  port?: number;
  /** Life of an access token. From 10 s on its `exp` is a whole second, below it has a fraction. @default 900_000 */
  accessTtlMs?: number;
  /** How much longer than its `exp` a token is accepted, on HTTP and on sockets. @default 0 */
  leewayMs?: number;
  /** How long the cookie just before the current one still works (0 to 30_000). @default 10_000 */
  refreshGraceMs?: number;
  /** Life of a session. @default 1_800_000 */
  sessionTtlMs?: number;
  /** true: each touch starts the session's life over. false: it ends at a fixed time. @default true */
  sliding?: boolean;
  /** A session is touched at most once in this time. @default 60_000 */
  touchThrottleMs?: number;
  /** Live access tokens one user may hold; the oldest is evicted. @default 20 */
  tokensPerUser?: number;
  /**
   * What the server takes as the credential of a socket; of several, what the upgrade carries. Whatever comes with the
   * handshake is judged before it is answered. @default 'first-message'
   */
  socketAuth?: SocketAuthMode | readonly SocketAuthMode[];
  /**
   * What becomes of an upgrade whose credential is no good: 'http' answers 401 or 403, which a browser sees as 1006;
   * 'close' accepts and closes with a reason. @default 'http'
   */
  refuseBy?: 'http' | 'close';
  /** Says `auth_ok` on sockets that were let in with the handshake, too. @default true */
  readyFrame?: boolean;
  /** Life of a ticket of `/auth/ticket`. @default 300_000 */
  ticketTtlMs?: number;
  /** The subprotocol that is echoed when it is offered; no other ever is. @default 'chat.v1' */
  subprotocol?: string;
  /** How long a socket may stay without its `auth` frame. @default 10_000 */
  authDeadlineMs?: number;
  /**
   * `auth_expiring_soon` leaves this long before `exp`; at once if less is left. 0 turns it off.
   * @default the smaller of 60_000 and a quarter of `accessTtlMs`
   */
  expiringSoonMs?: number;
  /** Sends `{"type":"session_expired"}` right before an expiry close. @default false */
  expiryFrame?: boolean;
  /** How every policy close words its reason. @default 'json' */
  reasonStyle?: ReasonStyle;
  /** The codes of policy closes. @default 'policy' (1008) */
  closeStyle?: CloseStyle;
  /** Time between two ticks of the numbered stream. 0 turns it off. @default 1_000 */
  streamIntervalMs?: number;
  /** Ticks that `resume` can still replay. @default 1_000 */
  streamHistory?: number;
  /**
   * A new link gets no tick for this long, so that a `resume` sent in `onOpen` is answered before newer ticks.
   * Nothing is lost meanwhile: without a `resume` the held ticks follow. @default 50
   */
  resumeWindowMs?: number;
  /** WebSocket protocol pings; a peer that missed one is dropped at the next. 0 turns them off. @default 0 */
  protocolPingMs?: number;
  /**
   * Divides the lives and margins above (access, leeway, grace, session, touch, ticket, warning): 600 turns 15 min into
   * 1.5 s. Leaves the auth deadline, the stream, pings and faults alone. @default 1
   */
  speed?: number;
  /** Path of the refresh cookie. @default '/auth' */
  cookiePath?: string;
  /** Page origins that may call with credentials. @default every http(s) origin on loopback */
  allowedOrigins?: readonly string[];
  /** How far the server's clock runs ahead of this machine's. @default 0 */
  skewMs?: number;
  /** The server's clock in epoch ms, before `skewMs`. @default Date.now */
  now?: () => number;
  /** Where sessions live; share one between two servers to show a restart. @default a new `MemorySessionStore` */
  store?: SessionStore;
  /** Signs tokens and cookies; share one between two servers to show a restart. @default random */
  secret?: string;
}

/** The options that `configure` may change while the server runs. */
export type LiveOptions = Partial<
  Pick<
    ReferenceServerOptions,
    | 'accessTtlMs'
    | 'leewayMs'
    | 'refreshGraceMs'
    | 'sessionTtlMs'
    | 'sliding'
    | 'touchThrottleMs'
    | 'tokensPerUser'
    | 'socketAuth'
    | 'refuseBy'
    | 'readyFrame'
    | 'ticketTtlMs'
    | 'authDeadlineMs'
    | 'expiringSoonMs'
    | 'expiryFrame'
    | 'reasonStyle'
    | 'closeStyle'
    | 'streamIntervalMs'
    | 'resumeWindowMs'
    | 'protocolPingMs'
    | 'speed'
  >
>;

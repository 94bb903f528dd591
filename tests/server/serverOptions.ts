import type { SessionStore } from './sessionStore';

/**
 * How the reason of a policy close (1008) is written: `{"code":"token_expired"}`, "Authentication expired",
 * `token_expired`, or an empty string.
 */
export type ReasonStyle = 'json' | 'text' | 'word' | 'none';

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
   * Divides the lives and margins above (access, leeway, grace, session, touch, warning): 600 turns 15 min into 1.5 s.
   * Leaves the auth deadline, the stream, pings and faults alone. @default 1
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
    | 'authDeadlineMs'
    | 'expiringSoonMs'
    | 'expiryFrame'
    | 'reasonStyle'
    | 'streamIntervalMs'
    | 'resumeWindowMs'
    | 'protocolPingMs'
    | 'speed'
  >
>;

/** The options as they are in force: defaults filled in, `speed` applied. */
export interface ServerSettings {
  accessTtlMs: number;
  leewayMs: number;
  refreshGraceMs: number;
  sessionTtlMs: number;
  sliding: boolean;
  touchThrottleMs: number;
  tokensPerUser: number;
  authDeadlineMs: number;
  expiringSoonMs: number;
  expiryFrame: boolean;
  reasonStyle: ReasonStyle;
  streamIntervalMs: number;
  streamHistory: number;
  resumeWindowMs: number;
  protocolPingMs: number;
  cookiePath: string;
}

const reasonStyles: readonly ReasonStyle[] = ['json', 'text', 'word', 'none'];

/** Fills in defaults. Throws a RangeError that names the option it cannot use. */
export function resolveSettings(options: ReferenceServerOptions): ServerSettings {
  number('port', options.port ?? 0, 0, 65_535);
  const speed = number('speed', options.speed ?? 1, 0.001);
  const scaled = (name: string, value: number, max?: number) => number(name, value, 0, max) / speed;
  const accessTtlMs = number('accessTtlMs', options.accessTtlMs ?? 900_000, 1);
  const reasonStyle = options.reasonStyle ?? 'json';
  if (!reasonStyles.includes(reasonStyle)) throw new RangeError(`reasonStyle: ${String(reasonStyle)}`);
  const cookiePath = options.cookiePath ?? '/auth';
  if (!/^\/[^;,\s]*$/.test(cookiePath)) throw new RangeError(`cookiePath: ${cookiePath}`);
  return {
    accessTtlMs: accessTtlMs / speed,
    leewayMs: scaled('leewayMs', options.leewayMs ?? 0),
    refreshGraceMs: scaled('refreshGraceMs', options.refreshGraceMs ?? 10_000, 30_000),
    sessionTtlMs: scaled('sessionTtlMs', options.sessionTtlMs ?? 1_800_000),
    sliding: options.sliding ?? true,
    touchThrottleMs: scaled('touchThrottleMs', options.touchThrottleMs ?? 60_000),
    tokensPerUser: number('tokensPerUser', options.tokensPerUser ?? 20, 1),
    authDeadlineMs: number('authDeadlineMs', options.authDeadlineMs ?? 10_000, 1),
    expiringSoonMs: scaled('expiringSoonMs', options.expiringSoonMs ?? Math.min(60_000, accessTtlMs / 4)),
    expiryFrame: options.expiryFrame ?? false,
    reasonStyle,
    streamIntervalMs: number('streamIntervalMs', options.streamIntervalMs ?? 1_000),
    streamHistory: number('streamHistory', options.streamHistory ?? 1_000, 1),
    resumeWindowMs: number('resumeWindowMs', options.resumeWindowMs ?? 50),
    protocolPingMs: number('protocolPingMs', options.protocolPingMs ?? 0),
    cookiePath,
  };
}

function number(name: string, value: number, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new RangeError(`${name}: expected a number from ${min} to ${max}, got ${String(value)}`);
}

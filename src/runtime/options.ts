import type { DropReason } from '../machine/effect';
import { AuthSocketError } from '../machine/errors';
import type { EndedBy } from '../machine/event';
import type { OutboxLimits } from '../machine/outbox';
import { defaultSettings, type Settings } from '../machine/settings';
import type { TokenGrant } from '../machine/tokenAnswer';
import type { SocketProtocol } from '../protocols/protocol';
import { checkUrlOption } from './dialUrl';
import type { Platform } from './ports';
import type { TokenSource } from './tokenSource';
import type { TraceEvent } from './trace';

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
   * callback. Absent = one session for the life of the client. A change drops token, queue, socket and every
   * `useSocketState`.
   */
  sessionKey?: string | null;
  /**
   * Whether tabs of the same `sessionKey` are to share a token. Checked, without an effect so far: each tab refreshes
   * for itself.
   */
  tabs?: 'share' | 'signal' | 'separate';
  /** Whose tokens tabs may share. Without an effect so far, as is `tabs`. */
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

/** Options after every check, with their defaults. */
export interface CheckedOptions {
  settings: Settings;
  queue: OutboxLimits;
  lingerMs: number;
}

/** Throws an 'invalid-option' that names what is wrong. */
// eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter for the checks
export function checkOptions(options: AuthSocketOptions<any, any>): CheckedOptions {
  const { getToken, protocol, sessionKey } = options;
  const timeouts = group('timeouts', options.timeouts);
  const reconnect = group('reconnect', options.reconnect);
  const queue = group('queue', options.queue);
  const heartbeat = options.heartbeat !== false && group('heartbeat', options.heartbeat);
  checkUrlOption(options.url);
  oneOf('tabs', options.tabs, ['separate', 'share', 'signal']);
  if (!Array.isArray(options.allowedOrigins ?? [])) reject('allowedOrigins', 'an array of origins');
  const source: unknown = typeof getToken === 'object' && getToken !== null ? getToken.getToken : getToken;
  if (getToken !== undefined && typeof source !== 'function')
    reject('getToken', 'a function or an object with getToken');
  if (protocol !== undefined && typeof protocol !== 'function' && typeof protocol?.read !== 'function') {
    reject('protocol', 'a SocketProtocol or a function that returns one');
  }
  if (
    sessionKey !== undefined &&
    sessionKey !== null &&
    (typeof sessionKey !== 'string' || sessionKey === '')
  ) {
    reject('sessionKey', 'a non-empty string or null');
  }
  for (const name of ['onSessionExpired', 'onDropped', 'onError', 'onTrace'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') reject(name, 'a function');
  }
  const beat = heartbeat || {};
  const defaults = defaultSettings;
  return {
    lingerMs: ms('lingerMs', options.lingerMs, 1_000, 0),
    queue: {
      max: ms('queue.max', queue.max, 256, 0),
      maxAgeMs: ms('queue.maxAgeMs', queue.maxAgeMs, 60_000, 0),
      overflow: oneOf('queue.overflow', queue.overflow, ['drop-newest', 'drop-oldest']),
    },
    settings: {
      refreshLeadMs: ms('refreshLeadMs', options.refreshLeadMs, defaults.refreshLeadMs, 0),
      lostAfterMs: ms('lostAfterMs', options.lostAfterMs, defaults.lostAfterMs, 0),
      tokenMs: ms('timeouts.tokenMs', timeouts.tokenMs, defaults.tokenMs),
      dialMs: ms('timeouts.dialMs', timeouts.dialMs, defaults.dialMs),
      readyMs: ms('timeouts.readyMs', timeouts.readyMs, defaults.readyMs),
      ackMs: ms('timeouts.ackMs', timeouts.ackMs, defaults.ackMs),
      probeMs: ms('timeouts.probeMs', timeouts.probeMs, defaults.probeMs),
      heartbeatMs: heartbeat === false ? null : ms('heartbeat.intervalMs', beat.intervalMs, 25_000),
      pongMs: ms('heartbeat.timeoutMs', beat.timeoutMs, defaults.pongMs),
      minMs: ms('reconnect.minMs', reconnect.minMs, defaults.minMs),
      maxMs: ms('reconnect.maxMs', reconnect.maxMs, defaults.maxMs),
      stableAfterMs: ms('reconnect.stableAfterMs', reconnect.stableAfterMs, defaults.stableAfterMs, 0),
      hasSource: getToken !== undefined,
      hasUrl: options.url !== undefined,
    },
  };
}

function group<T extends object>(name: string, value: T | undefined): Partial<T> {
  if (value !== undefined && (typeof value !== 'object' || value === null)) reject(name, 'an object');
  return value ?? {};
}

function ms(name: string, value: unknown, fallback: number, least = 1): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least) {
    reject(name, `a finite number, at least ${least}`);
  }
  return value as number;
}

function oneOf<T extends string>(name: string, value: unknown, words: readonly [T, ...T[]]): T {
  if (value === undefined) return words[0];
  if (!words.includes(value as T)) reject(name, `one of ${words.join(', ')}`);
  return value as T;
}

function reject(name: string, must: string): never {
  throw new AuthSocketError('invalid-option', `${name} must be ${must}.`);
}

import type { CloseStyle, ReasonStyle } from './policyClose';
import type { ReferenceServerOptions, SocketAuthMode } from './serverOptions';

/** The options as they are in force: defaults filled in, `speed` applied. */
export interface ServerSettings {
  accessTtlMs: number;
  leewayMs: number;
  refreshGraceMs: number;
  sessionTtlMs: number;
  sliding: boolean;
  touchThrottleMs: number;
  tokensPerUser: number;
  socketAuth: readonly SocketAuthMode[];
  refuseBy: 'http' | 'close';
  readyFrame: boolean;
  ticketTtlMs: number;
  subprotocol: string;
  authDeadlineMs: number;
  expiringSoonMs: number;
  expiryFrame: boolean;
  reasonStyle: ReasonStyle;
  closeStyle: CloseStyle;
  streamIntervalMs: number;
  streamHistory: number;
  resumeWindowMs: number;
  protocolPingMs: number;
  cookiePath: string;
}

const reasonStyles: readonly ReasonStyle[] = ['json', 'text', 'word', 'none'];
const closeStyles: readonly CloseStyle[] = ['policy', '44xx', 'liveblocks', 'pusher', 'bare'];
const authModes: readonly SocketAuthMode[] = ['first-message', 'ticket', 'subprotocol', 'cookie'];

/** Fills in defaults. Throws a RangeError that names the option it cannot use. */
export function resolveSettings(options: ReferenceServerOptions): ServerSettings {
  number('port', options.port ?? 0, 0, 65_535);
  const speed = number('speed', options.speed ?? 1, 0.001);
  const scaled = (name: string, value: number, max?: number) => number(name, value, 0, max) / speed;
  const accessTtlMs = number('accessTtlMs', options.accessTtlMs ?? 900_000, 1);
  const socketAuth = [options.socketAuth ?? 'first-message'].flat() as SocketAuthMode[];
  if (socketAuth.length === 0) throw new RangeError('socketAuth: an empty list lets nobody in');
  for (const mode of socketAuth) oneOf('socketAuth', mode, authModes);
  const subprotocol = options.subprotocol ?? 'chat.v1';
  if (!/^[\w.-]+$/.test(subprotocol)) throw new RangeError(`subprotocol: ${subprotocol}`);
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
    socketAuth,
    refuseBy: oneOf('refuseBy', options.refuseBy ?? 'http', ['http', 'close']),
    readyFrame: options.readyFrame ?? true,
    ticketTtlMs: scaled('ticketTtlMs', options.ticketTtlMs ?? 300_000),
    subprotocol,
    authDeadlineMs: number('authDeadlineMs', options.authDeadlineMs ?? 10_000, 1),
    expiringSoonMs: scaled('expiringSoonMs', options.expiringSoonMs ?? Math.min(60_000, accessTtlMs / 4)),
    expiryFrame: options.expiryFrame ?? false,
    reasonStyle: oneOf('reasonStyle', options.reasonStyle ?? 'json', reasonStyles),
    closeStyle: oneOf('closeStyle', options.closeStyle ?? 'policy', closeStyles),
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

function oneOf<T extends string>(name: string, value: T, known: readonly T[]): T {
  if (known.includes(value)) return value;
  throw new RangeError(`${name}: expected one of ${known.join(', ')}, got ${String(value)}`);
}

import { AuthSocketError } from '../machine/errors';
import type { OutboxLimits } from '../machine/outbox';
import { defaultSettings, type Settings } from '../machine/settings';
import type { SocketProtocol } from '../protocols/protocol';
import { checkUrlOption } from './dialUrl';
import { isAuthSocket } from './internals';
import type { AuthSocketOptions } from './options';
import type { Platform } from './ports';

/** Options after every check, with their defaults. */
export interface CheckedOptions {
  settings: Settings;
  queue: OutboxLimits;
  lingerMs: number;
}

/** Each time of the settings: where the options have it, and the least it may be. */
const times: readonly (readonly [keyof Settings, option: string, least: 0 | 1])[] = [
  ['refreshLeadMs', 'refreshLeadMs', 0],
  ['lostAfterMs', 'lostAfterMs', 0],
  ['tokenMs', 'timeouts.tokenMs', 1],
  ['dialMs', 'timeouts.dialMs', 1],
  ['readyMs', 'timeouts.readyMs', 1],
  ['ackMs', 'timeouts.ackMs', 1],
  ['probeMs', 'timeouts.probeMs', 1],
  ['heartbeatMs', 'heartbeat.intervalMs', 1],
  ['pongMs', 'heartbeat.timeoutMs', 1],
  ['minMs', 'reconnect.minMs', 1],
  ['maxMs', 'reconnect.maxMs', 1],
  ['stableAfterMs', 'reconnect.stableAfterMs', 0],
];

/** The `typeof` that an option must have where it is given. */
const kinds: readonly (readonly [keyof AuthSocketOptions, kind: string])[] = [
  ['timeouts', 'object'],
  ['heartbeat', 'object'],
  ['reconnect', 'object'],
  ['queue', 'object'],
  ['platform', 'object'],
  ['initialToken', 'object'],
  ['onSessionExpired', 'function'],
  ['onDropped', 'function'],
  ['onError', 'function'],
  ['onTrace', 'function'],
  ['allowInsecure', 'boolean'],
  ['tokenAudience', 'string'],
];

/** Throws an 'invalid-option' that names what is wrong. */
// eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter for the checks
export function checkOptions(options: AuthSocketOptions<any, any>): CheckedOptions {
  demand(isKind(options, 'object'), 'options', 'an object');
  const { allowedOrigins = [], getToken, heartbeat, protocol, queue = {}, sessionKey, tabs, url } = options;
  for (const [name, kind] of kinds) {
    const value: unknown = options[name];
    const isLeftOut = value === undefined || (name === 'heartbeat' && value === false);
    demand(isLeftOut || isKind(value, kind), name, kind === 'object' ? 'an object' : `a ${kind}`);
  }
  checkUrlOption(url);
  const source: unknown = isKind(getToken, 'object')
    ? (getToken as { getToken: unknown }).getToken
    : getToken;
  demand(
    getToken === undefined || isKind(source, 'function'),
    'getToken',
    'a function or an object with getToken',
  );
  demand(
    protocol === undefined ||
      isKind(protocol, 'function') ||
      isKind((protocol as SocketProtocol | null)?.read, 'function'),
    'protocol',
    'a SocketProtocol or a function that returns one',
  );
  demand(
    sessionKey === undefined || sessionKey === null || (isKind(sessionKey, 'string') && sessionKey !== ''),
    'sessionKey',
    'a non-empty string or null',
  );
  demand(
    Array.isArray(allowedOrigins) && allowedOrigins.every(origin => isKind(origin, 'string')),
    'allowedOrigins',
    'an array of origins',
  );
  oneOf('tabs', tabs, ['separate', 'share', 'signal']);
  if (heartbeat) oneOf('heartbeat.keepsSession', heartbeat.keepsSession, ['always', 'while-used']);

  const settings = { ...defaultSettings } as Record<keyof Settings, unknown>;
  for (const [setting, option, least] of times) {
    const value = option.split('.').reduce((from, key) => from?.[key] as Group, options as Group);
    settings[setting] = ms(option, value, settings[setting] as number, least);
  }
  if (heartbeat === false) settings.heartbeatMs = null;
  settings.hasSource = getToken !== undefined;
  settings.hasUrl = url !== undefined;
  settings.tabs = isAuthSocket(getToken) ? 'separate' : (tabs ?? 'share');
  settings.takesTurns = (getToken as { coordinated?: unknown } | undefined)?.coordinated !== true;
  return {
    settings: settings as Settings,
    lingerMs: ms('lingerMs', options.lingerMs, 1_000),
    queue: {
      max: ms('queue.max', queue.max, 256),
      maxAgeMs: ms('queue.maxAgeMs', queue.maxAgeMs, 60_000),
      overflow: oneOf('queue.overflow', queue.overflow, ['drop-newest', 'drop-oldest']),
    },
  };
}

/**
 * Checks options for a client that was made with `given`: `tabs` is read once. Where there are no channels no token is
 * handed over, and without a lock either nobody takes turns.
 */
export function optionChecker(
  // eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter for the checks
  given: AuthSocketOptions<any, any>,
  platform: Pick<Platform, 'tabs' | 'lock'>,
  // eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter for the checks
): (options: AuthSocketOptions<any, any>) => CheckedOptions {
  return options => {
    const checked = checkOptions(options);
    const { settings } = checked;
    if (settings.tabs !== 'separate') settings.tabs = given.tabs ?? 'share';
    if (!platform.tabs && settings.tabs === 'share') settings.tabs = 'signal';
    settings.takesTurns &&= platform.tabs !== null || platform.lock !== null;
    return checked;
  };
}

type Group = Record<string, unknown> | undefined;

function isKind(value: unknown, kind: string): boolean {
  return typeof value === kind && value !== null;
}

function ms(name: string, value: unknown, fallback: number, least = 0): number {
  if (value === undefined) return fallback;
  demand(Number.isFinite(value) && (value as number) >= least, name, `a finite number, at least ${least}`);
  return value as number;
}

function oneOf<T extends string>(name: string, value: unknown, words: readonly [T, ...T[]]): T {
  demand(value === undefined || words.includes(value as T), name, `one of ${words.join(', ')}`);
  return (value as T | undefined) ?? words[0];
}

function demand(isMet: boolean, name: string, must: string): void {
  if (!isMet) throw new AuthSocketError('invalid-option', `${name} must be ${must}.`);
}

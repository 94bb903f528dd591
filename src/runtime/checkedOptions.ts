import { demandOption } from '../machine/demandOption';
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

/** Each time of the settings: the least it may be, and where the options have it if they call it otherwise. */
const times: readonly (readonly [keyof Settings, least: 0 | 1, group?: string, name?: string])[] = [
  ['refreshLeadMs', 0],
  ['lostAfterMs', 0],
  ['tokenMs', 1, 'timeouts'],
  ['dialMs', 1, 'timeouts'],
  ['readyMs', 1, 'timeouts'],
  ['ackMs', 1, 'timeouts'],
  ['probeMs', 1, 'timeouts'],
  ['heartbeatMs', 1, 'heartbeat', 'intervalMs'],
  ['pongMs', 1, 'heartbeat', 'timeoutMs'],
  ['minMs', 1, 'reconnect'],
  ['maxMs', 1, 'reconnect'],
  ['stableAfterMs', 0, 'reconnect'],
];

/** The `typeof` that options must have where they are given. */
const kinds: Readonly<Record<string, readonly (keyof AuthSocketOptions)[]>> = {
  object: ['timeouts', 'heartbeat', 'reconnect', 'queue', 'platform', 'initialToken'],
  function: ['onSessionExpired', 'onDropped', 'onError', 'onTrace'],
  boolean: ['allowInsecure'],
  string: ['tokenAudience'],
};

/** Throws an 'invalid-option' that names what is wrong. */
// eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter for the checks
export function checkOptions(options: AuthSocketOptions<any, any>): CheckedOptions {
  demandOption(isKind(options, 'object'), 'options', 'an object');
  const { allowedOrigins = [], getToken, heartbeat, protocol, queue = {}, sessionKey, tabs, url } = options;
  for (const [kind, names] of Object.entries(kinds)) {
    for (const name of names) {
      const value: unknown = options[name];
      const isLeftOut = value === undefined || (name === 'heartbeat' && value === false);
      demandOption(isLeftOut || isKind(value, kind), name, kind === 'object' ? 'an object' : `a ${kind}`);
    }
  }
  checkUrlOption(url);
  const source: unknown = isKind(getToken, 'object')
    ? (getToken as { getToken: unknown }).getToken
    : getToken;
  demandOption(
    getToken === undefined || isKind(source, 'function'),
    'getToken',
    'a function or an object with getToken',
  );
  demandOption(
    protocol === undefined ||
      isKind(protocol, 'function') ||
      isKind((protocol as SocketProtocol | null)?.read, 'function'),
    'protocol',
    'a SocketProtocol or a function that returns one',
  );
  demandOption(
    sessionKey === undefined || sessionKey === null || (isKind(sessionKey, 'string') && sessionKey !== ''),
    'sessionKey',
    'a non-empty string or null',
  );
  demandOption(
    Array.isArray(allowedOrigins) && allowedOrigins.every(origin => isKind(origin, 'string')),
    'allowedOrigins',
    'an array of origins',
  );
  oneOf('tabs', tabs, ['separate', 'share', 'signal']);
  if (heartbeat) oneOf('heartbeat.keepsSession', heartbeat.keepsSession, ['always', 'while-used']);

  const settings = { ...defaultSettings } as Record<keyof Settings, unknown>;
  for (const [setting, least, group = '', name = setting] of times) {
    const holder = (group ? options[group as 'timeouts'] : options) as Record<string, unknown> | undefined;
    const option = group ? `${group}.${name}` : name;
    settings[setting] = ms(option, holder?.[name], settings[setting] as number, least);
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

function isKind(value: unknown, kind: string): boolean {
  return typeof value === kind && value !== null;
}

function ms(name: string, value: unknown, fallback: number, least = 0): number {
  if (value === undefined) return fallback;
  demandOption(
    Number.isFinite(value) && (value as number) >= least,
    name,
    `a finite number, at least ${least}`,
  );
  return value as number;
}

function oneOf<T extends string>(name: string, value: unknown, words: readonly [T, ...T[]]): T {
  demandOption(value === undefined || words.includes(value as T), name, `one of ${words.join(', ')}`);
  return (value as T | undefined) ?? words[0];
}

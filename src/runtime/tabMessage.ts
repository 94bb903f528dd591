import { isPresentable } from './tokenSource';

/**
 * What tabs of one session tell each other: plain data, version 1. The protocol is told in
 * `storybook/docs/tab-protocol.mdx`.
 */
export type TabMessage =
  /** Has anybody a token newer than `generation`, or has the session ended after `since` (epoch ms)? */
  | { type: 'ask'; generation: number; since: number }
  /** The access token, in memory only. Times in epoch ms on this machine's clock. */
  | {
      type: 'token';
      token: string;
      generation: number;
      expiresAt: number | null;
      serverExpiresAt: number | null;
      subject: string | null;
    }
  /** There is a new token; it is not handed over. */
  | { type: 'renewed'; generation: number }
  /** A sign-out has begun: what the server says now is about that. */
  | { type: 'leaving'; at: number }
  /** The session ended at `at` (epoch ms). */
  | { type: 'signed-out'; reason: string; at: number };

const VERSION = 1;
const LONGEST_REASON = 200;

/** The same channel may one day carry another version; it is not ours to guess at. */
export function writeTabMessage(message: TabMessage): object {
  return { version: VERSION, ...message };
}

/** A message of ours, or null for garbage, for what another version says, and for numbers that cannot be meant. */
export function readTabMessage(data: unknown): TabMessage | null {
  const field = (name: string): unknown =>
    typeof data === 'object' && data !== null && Object.hasOwn(data, name)
      ? (data as Record<string, unknown>)[name]
      : undefined;
  if (field('version') !== VERSION) return null;
  const generation = count(field('generation'));
  const at = time(field('at'));
  switch (field('type')) {
    case 'ask': {
      const since = time(field('since'));
      return generation === null || since === null ? null : { type: 'ask', generation, since };
    }
    case 'token': {
      const [token, expiresAt, serverExpiresAt, subject] = [
        field('token'),
        field('expiresAt'),
        field('serverExpiresAt'),
        field('subject'),
      ];
      const isGood =
        isPresentable(token) &&
        generation !== null &&
        isNullOr(expiresAt, time) &&
        isNullOr(serverExpiresAt, time) &&
        (subject === null || typeof subject === 'string');
      return isGood
        ? ({ type: 'token', token, generation, expiresAt, serverExpiresAt, subject } as TabMessage)
        : null;
    }
    case 'renewed':
      return generation === null ? null : { type: 'renewed', generation };
    case 'leaving':
      return at === null ? null : { type: 'leaving', at };
    case 'signed-out': {
      const reason = field('reason');
      const isGood = typeof reason === 'string' && at !== null;
      return isGood ? { type: 'signed-out', reason: reason.slice(0, LONGEST_REASON), at } : null;
    }
    default:
      return null;
  }
}

function count(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}

/** A time that a Date can hold. */
function time(value: unknown): number | null {
  return typeof value === 'number' && value > 0 && value <= 8.64e15 ? value : null;
}

function isNullOr(value: unknown, read: (value: unknown) => number | null): boolean {
  return value === null || read(value) !== null;
}

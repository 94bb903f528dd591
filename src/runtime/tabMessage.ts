import { positiveMs } from '../machine/positiveMs';
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

type Check = (value: unknown) => boolean;

/** What each message has to hold. */
const contents: {
  readonly [T in TabMessage['type']]: Readonly<
    Record<Exclude<keyof Extract<TabMessage, { type: T }>, 'type'>, Check>
  >;
} = {
  ask: { generation: isCount, since: isTime },
  token: {
    token: isPresentable,
    generation: isCount,
    expiresAt: orNull(isTime),
    serverExpiresAt: orNull(isTime),
    subject: orNull(isText),
  },
  renewed: { generation: isCount },
  leaving: { at: isTime },
  'signed-out': { reason: isText, at: isTime },
};

/** A message of ours, or null for garbage, for what another version says, and for numbers that cannot be meant. */
export function readTabMessage(data: unknown): TabMessage | null {
  if (typeof data !== 'object' || data === null) return null;
  const { version, ...fields } = data as Record<string, unknown>;
  if (version !== VERSION || !isText(fields.type) || !Object.hasOwn(contents, fields.type)) return null;
  const type = fields.type as TabMessage['type'];
  const message: Record<string, unknown> = { type };
  for (const [name, isGood] of Object.entries<Check>(contents[type])) {
    const value = fields[name];
    if (!isGood(value)) return null;
    message[name] = type === 'signed-out' && isText(value) ? value.slice(0, LONGEST_REASON) : value;
  }
  return message as unknown as TabMessage;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A time that a Date can hold. */
function isTime(value: unknown): boolean {
  return positiveMs(value) !== undefined;
}

function orNull(check: Check): Check {
  return value => value === null || check(value);
}

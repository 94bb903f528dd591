import type { Settings } from './settings';

/** Why a dial has to wait. */
export type WaitCause =
  /** The application asked: `connect()`, `reconnect()`; or a token came that a dial waited for. */
  | 'asked'
  /** The page woke or came online. */
  | 'woken'
  /** A link was lost after a stable life. */
  | 'lost'
  /** A dial failed, or a link was lost young. */
  | 'failed'
  | 'going-away'
  | 'limit';

/** What the length of a wait depends on. */
export interface WaitFacts {
  /** Failures in a row, this one included. */
  attempt: number;
  /** In [0, 1). */
  random: number;
  isVisible: boolean;
  isOnline: boolean;
  /** Within a minute of a wake: the network may need some seconds, and the user is looking. */
  isEager: boolean;
  /** The wait that the server named. */
  namedMs: number | undefined;
}

/** No server's word makes us wait longer than this. */
const MAX_NAMED_MS = 300_000;

/** A named wait is never undercut, and spread a little so that clients do not come back as one. */
export function namedWait(namedMs: number, random: number): number {
  return Math.min(namedMs, MAX_NAMED_MS) * (1 + random / 10);
}

/** How long a dial waits, in ms. */
export function dialWait(cause: WaitCause, facts: WaitFacts, { minMs, maxMs }: Settings): number {
  const { attempt, random, isVisible, namedMs } = facts;
  if (namedMs !== undefined) return namedWait(namedMs, random);
  switch (cause) {
    case 'asked':
      return 0;
    case 'woken':
      return random * 500;
    case 'lost':
      return random * (isVisible ? 800 : 8_000);
    case 'going-away':
      return random * 8_000;
    case 'limit':
      return 2_000 + random * 58_000;
    case 'failed':
      if (!facts.isOnline) return 30_000;
      if (facts.isEager) return eagerWait(random);
      return Math.max(250, random * widthAt(attempt, minMs, maxMs));
  }
}

/**
 * How long the next token call waits after `failures` failures in a row, in ms.
 *
 * Never past the middle of what is left of the token in hand: however long the ladder has become, a source that
 * recovers just before the expiry is asked in time.
 */
export function tokenWait(
  failures: number,
  random: number,
  isEager: boolean,
  leftMs: number,
  { minMs, maxMs }: Settings,
): number {
  const width = Math.min(widthAt(failures, minMs, maxMs), Math.max(1_000, leftMs / 2));
  const wait = width / 2 + (random * width) / 2;
  return isEager ? Math.min(wait, eagerWait(random)) : wait;
}

function eagerWait(random: number): number {
  return 3_200 + random * 1_300;
}

function widthAt(failures: number, minMs: number, maxMs: number): number {
  return Math.min(maxMs, minMs * 2 ** (failures - 1));
}

/** At most this many dials, and token calls that brought nothing newer, in any minute. */
const BUDGET = 20;
const BUDGET_WINDOW_MS = 60_000;

/** The starts that still count, oldest first. */
export function recent(starts: readonly number[], elapsedMs: number): number[] {
  return starts.filter(start => elapsedMs - start < BUDGET_WINDOW_MS);
}

/** The earliest elapsed time at which one more start stays within the budget. */
export function budgetOpensAt(starts: readonly number[]): number {
  const oldest = starts[starts.length - BUDGET];
  return oldest === undefined ? -Infinity : oldest + BUDGET_WINDOW_MS;
}

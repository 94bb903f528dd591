/** A timer that fires later than this was held up: a stopped process, a throttled tab. */
export const LATE_MS = 1_000;

/** What the network delivered while the process stood still needs about this long to come through. */
const GRACE_MS = 1_000;

/** A point in elapsed time by which something must have happened. */
export interface Deadline {
  readonly at: number;
  readonly isGrace: boolean;
}

export function deadlineIn(elapsedMs: number, ms: number): Deadline {
  return { at: elapsedMs + ms, isGrace: false };
}

/**
 * The deadline to keep watching, or null once it has passed.
 *
 * One that is noticed late gets a second's grace, once: the answer may be waiting in the queue behind the timer.
 */
export function stillOpen(deadline: Deadline, elapsedMs: number): Deadline | null {
  if (elapsedMs < deadline.at) return deadline;
  const isLate = elapsedMs - deadline.at > LATE_MS;
  return isLate && !deadline.isGrace ? { at: elapsedMs + GRACE_MS, isGrace: true } : null;
}

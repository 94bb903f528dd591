import type { ServerStats } from './serverStats';

const LONGEST_LIST = 10_000;

/** Counts which echoes arrived, and how often the same one did. */
export class EchoLedger {
  readonly #stats: () => ServerStats;
  readonly #seen = new Map<string, number>();

  constructor(stats: () => ServerStats) {
    this.#stats = stats;
  }

  /** Notes an echo; the answer is how many times this user has sent this id, from 1. */
  note(user: string, id: unknown): number {
    const { echoes } = this.#stats();
    echoes.received += 1;
    if (echoes.ids.length < LONGEST_LIST) echoes.ids.push(id);
    const key = JSON.stringify([user, id]);
    const copies = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, copies);
    if (copies > 1) echoes.duplicates += 1;
    return copies;
  }
}

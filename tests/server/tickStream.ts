import type { ServerSettings } from './serverSettings';
import type { ServerStats } from './serverStats';
import type { Timers } from './timers';

/** One message of the numbered stream. `seq` counts up by one from 1, for all users alike. */
export interface Tick {
  type: 'tick';
  seq: number;
  at: number;
}

/** Produces ticks and remembers the last ones. */
export class TickStream {
  readonly #settings: ServerSettings;
  readonly #timers: Timers;
  readonly #now: () => number;
  readonly #stats: () => ServerStats;
  readonly #listeners = new Set<() => void>();
  #history: Tick[] = [];
  #nextSeq = 1;
  #stop = () => {};

  constructor(parts: {
    settings: ServerSettings;
    timers: Timers;
    now: () => number;
    stats: () => ServerStats;
  }) {
    this.#settings = parts.settings;
    this.#timers = parts.timers;
    this.#now = parts.now;
    this.#stats = parts.stats;
  }

  /** Starts, or starts over with a changed interval. */
  restart(): void {
    this.#stop();
    const { streamIntervalMs } = this.#settings;
    if (streamIntervalMs <= 0) return;
    this.#stop = this.#timers.after(streamIntervalMs, () => {
      this.tick();
      this.restart();
    });
  }

  /** Produces one tick now. */
  tick(): void {
    this.#history.push({ type: 'tick', seq: this.#nextSeq, at: this.#now() });
    this.#nextSeq += 1;
    if (this.#history.length > this.#settings.streamHistory) {
      this.#history = this.#history.slice(-this.#settings.streamHistory);
    }
    this.#stats().stream.ticks += 1;
    for (const listener of this.#listeners) listener();
  }

  /** The number the next tick will have. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** The oldest tick that can still be replayed. */
  get oldestSeq(): number {
    return this.#history[0]?.seq ?? this.#nextSeq;
  }

  /** The remembered ticks from this one on. */
  since(seq: number): readonly Tick[] {
    return this.#history.slice(Math.max(0, seq - this.oldestSeq));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

import type { Script } from './journey';

/** A stretch of a journey and the part of the ruler that it gets. */
interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  /** Places on the ruler, 0 to 1. */
  readonly from: number;
  readonly to: number;
}

/**
 * The ruler of a journey. Between two steps it runs evenly, and a long stretch gets more room than a short one, but not in
 * proportion: eight hours of sleep would leave nothing to what comes after.
 */
export class TimeScale {
  readonly #stretches: readonly Stretch[];

  constructor({ steps, endMs }: Script<never>) {
    const ends = steps.flatMap(({ at, sleepsMs = 0 }) => [at, at + sleepsMs]);
    const times = [...new Set([0, ...ends, endMs])].filter(at => at <= endMs).sort((a, b) => a - b);
    const lengths = times.slice(1).map((at, n) => Math.log1p((at - (times[n] ?? 0)) / 500));
    const whole = lengths.reduce((sum, length) => sum + length, 0);
    let from = 0;
    this.#stretches = lengths.map((length, n) => {
      const stretch = {
        fromMs: times[n] ?? 0,
        toMs: times[n + 1] ?? endMs,
        from,
        to: from + length / whole,
      };
      from = stretch.to;
      return stretch;
    });
  }

  /** Where a moment is, 0 to 1. */
  placeOf(ms: number): number {
    const stretch = this.#stretches.find(({ toMs }) => ms <= toMs);
    if (!stretch) return 1;
    const { fromMs, toMs, from, to } = stretch;
    return from + ((ms - fromMs) / (toMs - fromMs)) * (to - from);
  }

  /** What moment is there, ms. */
  momentAt(place: number): number {
    const stretch = this.#stretches.find(({ to }) => place <= to) ?? this.#stretches.at(-1);
    if (!stretch) return 0;
    const { fromMs, toMs, from, to } = stretch;
    return Math.round(fromMs + ((place - from) / (to - from)) * (toMs - fromMs));
  }
}

import type { Gap, Timeline } from './timeline';

/** From epoch ms to a place in the picture, in percent of its width. */
export interface TimeScale {
  readonly windowMs: number;
  /** Where a time is on a strip that moves through the picture: for what is over it stays the same. */
  along(at: number): number;
  /** Where the strip begins at the moment. */
  readonly shift: number;
  /** 0 to 100 from left to right; below 0 it is out of sight. */
  place(at: number): number;
  /** The beginning of the gap that a time lies in; null: time was lived then. */
  gapAt(at: number): number | null;
}

/** So wide a gap is drawn at most; eight hours of sleep would push everything out of sight. */
const GAP_PART = 1 / 12;

/** After so many windows a new strip begins, before places on it become too large to be exact. */
const STRIP_WINDOWS = 64;

/** Time as it was lived: the last `windowMs`, with every gap shortened. */
function timeScale({ since, now, gaps }: Timeline, windowMs: number): TimeScale {
  const shown = windowMs * GAP_PART;
  const long = gaps.filter(({ from, to }) => to - from > shown);
  const lived = (at: number) => at - since - long.reduce((sum, gap) => sum + cutOf(gap, at, shown), 0);
  const strip = STRIP_WINDOWS * windowMs;
  const start = Math.floor(lived(now) / strip) * strip;
  const along = (at: number) => rounded((100 * (lived(at) - start)) / windowMs);
  const shift = rounded(100 - along(now));
  return {
    windowMs,
    along,
    shift,
    place: at => rounded(along(at) + shift),
    gapAt: at => long.find(({ from, to }) => at > from && at < to)?.from ?? null,
  };
}

/** To a hundredth of a pixel. */
const rounded = (percent: number) => Math.round(percent * 1_000) / 1_000;

/** A panel that has just begun to watch shows less, so that there is something to see. */
const firstWindowsMs = [60_000, 120_000];

/** The scale on which everything that was seen fits, up to `windowMs`. */
export function fittingScale(timeline: Timeline, windowMs: number): TimeScale {
  const shorter = firstWindowsMs
    .filter(ms => ms < windowMs)
    .map(ms => timeScale(timeline, ms))
    .find(scale => scale.place(timeline.since) >= 0);
  return shorter ?? timeScale(timeline, windowMs);
}

/** How much of a gap is left out up to a time. */
function cutOf({ from, to }: Gap, at: number, shown: number): number {
  const part = Math.min(1, Math.max(0, (at - from) / (to - from)));
  return part * (to - from - shown);
}

/** Steps that a clock face knows. */
const stepsMs = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600].map(seconds => seconds * 1_000);

/** Of a time with seconds on a narrow panel, in percent. */
const LABEL_WIDTH = 17;

/** Where the axis carries a time. */
export function ticksOf(scale: TimeScale, now: number): readonly { at: number; place: number }[] {
  const stepMs = stepsMs.find(step => scale.windowMs / step <= 5) ?? scale.windowMs / 4;
  const ticks: { at: number; place: number }[] = [];
  const floor = (at: number) => Math.floor(at / stepMs) * stepMs;
  let at = floor(now);
  for (let place = scale.place(at); place >= 3; place = scale.place(at)) {
    const gapFrom = scale.gapAt(at);
    const isFree = ticks.every(tick => tick.place - place > LABEL_WIDTH);
    if (gapFrom === null && isFree && place <= 97) ticks.push({ at, place });
    at = gapFrom === null ? at - stepMs : floor(gapFrom);
  }
  return ticks;
}

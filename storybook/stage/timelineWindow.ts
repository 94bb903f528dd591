import type { Script } from './journey';

/** What stood still takes so much of the picture at most, each time. */
const GAP_PART = 1 / 12;
const LEAST_MS = 4_000;

/** How much time the timeline has to show for a journey to be seen from its beginning until now, ms. */
export function timelineWindow<S>({ steps }: Script<S>, nowMs: number): number {
  const gaps = steps.flatMap(({ at, sleepsMs, frozenMs }) => {
    const ms = Math.min(sleepsMs ?? frozenMs ?? 0, nowMs - at);
    return ms > 0 ? [ms] : [];
  });
  const isShortened = (ms: number) => ms > nowMs * GAP_PART;
  const cut = gaps.filter(isShortened);
  const livedMs = nowMs - cut.reduce((sum, ms) => sum + ms, 0);
  return Math.max(LEAST_MS, (1.04 * livedMs) / (1 - cut.length * GAP_PART));
}

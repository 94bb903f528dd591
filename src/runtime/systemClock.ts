import type { Clock } from './ports';

/** The largest delay of `setTimeout`; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The global clocks and timers, read when called, so that fake timers of a test runner are seen. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_DELAY_MS));
    return () => clearTimeout(timer);
  },
};

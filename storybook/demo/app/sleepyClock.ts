import type { Clock } from 'react-auth-socket';

/** A clock whose machine can be put to sleep: its timers and elapsed time stand still, and wall time has moved on after. */
export interface SleepyClock extends Clock {
  fallAsleep(): void;
  /** `passedMs`: by how much wall time has run ahead of real time. */
  wake(passedMs: number): void;
}

interface Timer {
  readonly callback: () => void;
  dueAt: number;
  cancel: () => void;
}

/** Wraps the clock of the browser. The client gets it as `platform.clock`. */
export function createSleepyClock(base: Clock = browserClock): SleepyClock {
  const timers = new Set<Timer>();
  let aheadMs = 0;
  let sleptMs = 0;
  let asleepSince: number | null = null;
  const elapsedMs = () => (asleepSince ?? base.elapsedMs()) - sleptMs;

  function start(timer: Timer): void {
    timer.cancel = base.setTimer(
      () => {
        timers.delete(timer);
        timer.callback();
      },
      Math.max(0, timer.dueAt - elapsedMs()),
    );
  }

  return {
    wallMs: () => base.wallMs() + aheadMs,
    elapsedMs,
    setTimer(callback, delayMs) {
      const timer: Timer = { callback, dueAt: elapsedMs() + delayMs, cancel: () => {} };
      timers.add(timer);
      if (asleepSince === null) start(timer);
      return () => {
        timers.delete(timer);
        timer.cancel();
      };
    },
    fallAsleep() {
      if (asleepSince !== null) return;
      asleepSince = base.elapsedMs();
      for (const timer of timers) timer.cancel();
    },
    wake(passedMs) {
      if (asleepSince === null) return;
      sleptMs += base.elapsedMs() - asleepSince;
      asleepSince = null;
      aheadMs += passedMs;
      for (const timer of timers) start(timer);
    },
  };
}

const browserClock: Clock = {
  wallMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

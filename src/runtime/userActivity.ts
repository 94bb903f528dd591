import type { Clock } from './ports';

/** Whether somebody uses the page: what a heartbeat tells a server whose sessions end when they are idle. */
export interface UserActivity {
  /** A key, a pointer. */
  note(): void;
  /** Nobody did anything for so long; each use is reported once, however short it was. */
  takeIdle(forMs: number): boolean;
}

export function createUserActivity(clock: Clock): UserActivity {
  let usedAt = -Infinity;
  let isUntold = false;
  return {
    note() {
      usedAt = clock.elapsedMs();
      isUntold = true;
    },
    takeIdle(forMs) {
      // A key pressed right behind a ping is older than the interval at the next one.
      const wasUntold = isUntold;
      isUntold = false;
      return !wasUntold && clock.elapsedMs() - usedAt > forMs;
    },
  };
}

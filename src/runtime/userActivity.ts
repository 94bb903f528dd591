import type { AuthSocketOptions } from './options';
import type { Clock } from './ports';

/** Whether somebody uses the page: what a heartbeat tells a server whose sessions end when they are idle. */
export interface UserActivity {
  /** A key, a pointer. */
  note(): void;
  /**
   * Nobody did anything for an interval, and the heartbeat is to say so; each use is reported once, however short it was.
   */
  takeIdle(heartbeat: AuthSocketOptions['heartbeat'], intervalMs: number | null): boolean;
}

export function createUserActivity(clock: Clock): UserActivity {
  let usedAt = -Infinity;
  let isUntold = false;
  return {
    note() {
      usedAt = clock.elapsedMs();
      isUntold = true;
    },
    takeIdle(heartbeat, intervalMs) {
      if (!heartbeat || heartbeat.keepsSession !== 'while-used') return false;
      // A key pressed right behind a ping is older than the interval at the next one.
      const wasUntold = isUntold;
      isUntold = false;
      return !wasUntold && clock.elapsedMs() - usedAt > (intervalMs ?? 0);
    },
  };
}

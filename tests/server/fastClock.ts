import type { Clock } from '../../src/core';

/**
 * The clock of a client that lives `factor` times as fast as the servers it talks to: its waits and deadlines pass sooner,
 * sockets and requests are the real ones.
 */
export function fastClock(factor: number): Clock {
  const startWall = Date.now();
  const startElapsed = performance.now();
  const passedMs = () => (performance.now() - startElapsed) * factor;
  return {
    wallMs: () => startWall + passedMs(),
    elapsedMs: passedMs,
    setTimer(callback, delayMs) {
      const timer = setTimeout(callback, delayMs / factor);
      return () => clearTimeout(timer);
    },
  };
}

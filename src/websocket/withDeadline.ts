import type { Clock } from '../runtime/ports';

/** Runs `ask`; rejects after so long, or when `signal` ends, whatever `ask` does. Its own signal ends with it. */
export function withDeadline<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const giveUp = () => {
      leave();
      const reason = new DOMException('It took too long or is not needed any more.', 'AbortError');
      controller.abort(reason);
      reject(reason);
    };
    const cancel = clock.setTimer(giveUp, ms);
    const leave = () => {
      cancel();
      signal.removeEventListener('abort', giveUp);
    };
    signal.addEventListener('abort', giveUp);
    new Promise<T>(done => done(ask(controller.signal))).then(resolve, reject).finally(leave);
  });
}

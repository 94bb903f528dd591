import type { Lock } from '../../src/runtime/ports';
import type { TestWorld } from '../../src/testing';

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const give = () => reject(signal.reason as Error);
    if (signal.aborted) give();
    signal.addEventListener('abort', give);
  });

/** Somebody holds the lock for ever; whoever waits may give up. */
export const neverGranted: Lock = { request: (_name, signal) => aborted(signal) };

/** Neither a grant nor an end, whatever the signal says. */
export const mute: Lock = { request: () => new Promise(() => {}) };

/** As in a sandboxed frame. */
export const forbidden: Lock = {
  request: () => Promise.reject(new DOMException('Access is denied.', 'SecurityError')),
};

export const throwing: Lock = {
  request() {
    throw new TypeError('locks.request is not what it was');
  },
};

/** Granted this much later; nobody can give up meanwhile. */
export function late(world: TestWorld, ms: number): Lock {
  return {
    request: (_name, _signal, body) =>
      new Promise((resolve, reject) => {
        world.platform.clock.setTimer(() => void body().then(resolve, reject), ms);
      }),
  };
}

/** The holder has navigated away: the requests that were queued by then are stuck, a new one is granted. */
export function stuckUntilAskedAgain(lock: Lock): Lock {
  let isStuck = true;
  return {
    request(name, signal, body) {
      if (!isStuck) return lock.request(name, signal, body);
      isStuck = false;
      return aborted(signal);
    },
  };
}

/**
 * A lock that other code of the page can steal: the holder's promise rejects, its body runs on, and the next in the
 * queue is let in.
 */
export function stealable(lock: Lock): { lock: Lock; steal(): void } {
  const holders = new Set<(error: DOMException) => void>();
  return {
    lock: {
      request: (name, signal, body) =>
        lock.request(
          name,
          signal,
          () =>
            new Promise((resolve, reject) => {
              holders.add(reject);
              void body().then(resolve, reject);
            }),
        ),
    },
    steal() {
      for (const reject of holders) reject(new DOMException('Lock broken by another request.', 'AbortError'));
      holders.clear();
    },
  };
}

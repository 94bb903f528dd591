import type { AuthSocketError } from '../machine/errors';

interface Waiter {
  readonly upTo: number;
  settle(): void;
}

/** Those who called `getToken()` and wait for a token call to end. */
export interface TokenWaiters {
  /** `answer` is asked once the call `upTo` has ended; a throw rejects. */
  wait(upTo: number, answer: () => string, signal: AbortSignal | undefined): Promise<string>;
  settle(upTo: number): void;
}

export function createTokenWaiters(): TokenWaiters {
  let waiters: readonly Waiter[] = [];
  return {
    wait: (upTo, answer, signal) =>
      new Promise((resolve, reject) => {
        const leave = () => {
          waiters = waiters.filter(other => other !== waiter);
          signal?.removeEventListener('abort', onAbort);
        };
        const onAbort = () => {
          leave();
          reject(signal?.reason as Error);
        };
        const waiter: Waiter = {
          upTo,
          settle() {
            leave();
            try {
              resolve(answer());
            } catch (error) {
              reject(error as AuthSocketError);
            }
          },
        };
        if (signal?.aborted) return onAbort();
        signal?.addEventListener('abort', onAbort);
        waiters = [...waiters, waiter];
      }),
    settle(upTo) {
      for (const waiter of waiters) if (waiter.upTo <= upTo) waiter.settle();
    },
  };
}

import type { Lock } from '../runtime/ports';
import type { FakeClock } from './fakeClock';
import type { FakePage } from './fakePage';

interface Request {
  readonly page: FakePage;
  /** Called once, when the lock is granted; `isFree`: nobody held it before. */
  readonly grant: (isFree: boolean) => void;
}

/** Mutual exclusion between the tabs of one browser: first come, first served. A frozen tab keeps what it holds. */
export class FakeLock {
  readonly #clock: FakeClock;
  /** The first of each name holds the lock. */
  readonly #queues = new Map<string, Request[]>();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** The locks as one tab sees them. */
  portOf(page: FakePage): Lock {
    return {
      request: <T>(name: string, signal: AbortSignal, body: () => Promise<T>) =>
        this.#request(page, name, signal, body),
    };
  }

  /** The tab is closed: what it holds is free, what it waits for is forgotten. */
  leave(page: FakePage): void {
    for (const [name, queue] of this.#queues) {
      for (const request of queue.filter(other => other.page === page)) this.#remove(name, request);
    }
  }

  #request<T>(page: FakePage, name: string, signal: AbortSignal, body: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const giveUp = () => {
        this.#remove(name, request);
        reject(reasonOf(signal));
      };
      const request: Request = {
        page,
        grant: isFree => {
          // Once it is granted, the signal has no say.
          signal.removeEventListener('abort', giveUp);
          const run = async () => {
            try {
              resolve(await body());
            } catch (error) {
              reject(error);
            } finally {
              this.#remove(name, request);
            }
          };
          const begin = () => {
            // A task of its own, as in browsers: a timer that is set in it begins a new chain.
            this.#clock.beginTask();
            void run();
          };
          if (isFree) void Promise.resolve().then(() => page.whenRunning(begin));
          // What the former holder posted before it let go arrives first.
          else this.#clock.atElapsed(this.#clock.elapsedMs, () => page.whenRunning(begin));
        },
      };
      signal.addEventListener('abort', giveUp);
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, queue);
      if (queue.push(request) === 1) request.grant(true);
    });
  }

  #remove(name: string, request: Request): void {
    const queue = this.#queues.get(name) ?? [];
    const place = queue.indexOf(request);
    if (place < 0) return;
    queue.splice(place, 1);
    const [next] = queue;
    if (!next) this.#queues.delete(name);
    else if (place === 0) next.grant(false);
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new DOMException('Not granted in time.', 'AbortError');
}

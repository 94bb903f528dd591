import type { AuthSocket } from '../runtime/authSocket';
import { internalsOf, type Internals } from '../runtime/internals';

/** When collected messages become state: once a frame, or each at once. */
export type Flush = 'frame' | 'sync';

/** In a hidden page frames do not run; this long, or this many messages, is a batch there. */
const HIDDEN_BATCH_MS = 1_000;
const HIDDEN_BATCH_MESSAGES = 1_000;

/** One frame for all stores of a client, so that a burst is one commit. */
interface Beat {
  add(flush: () => void): void;
  remove(flush: () => void): void;
}

const beats = new WeakMap<Internals, Beat>();

function beatOf(internals: Internals): Beat {
  const known = beats.get(internals);
  if (known) return known;
  const { clock, page } = internals;
  const due = new Set<() => void>();
  let cancel: (() => void) | null = null;
  const run = () => {
    cancel?.();
    cancel = null;
    const flushes = [...due];
    due.clear();
    for (const flush of flushes) flush();
  };
  const beat: Beat = {
    add(flush) {
      due.add(flush);
      if (cancel) return;
      // The timer also serves a page that is hidden while its frame is pending.
      const cancelTimer = clock.setTimer(run, page ? HIDDEN_BATCH_MS : 16);
      const cancelFrame = page?.isVisible() ? page.requestFrame(run) : undefined;
      cancel = () => {
        cancelTimer();
        cancelFrame?.();
      };
    },
    remove(flush) {
      due.delete(flush);
      if (due.size > 0) return;
      cancel?.();
      cancel = null;
    },
  };
  beats.set(internals, beat);
  return beat;
}

/** State made from messages, in batches. */
export interface BatchStore<S> {
  get(): S;
  subscribe(listener: () => void): () => void;
  /** Begins to collect; the answer ends it. */
  collect(topic: string | undefined, flush: Flush): () => void;
}

export function createBatchStore<In, S>(
  socket: AuthSocket<In, never>,
  reduce: () => (state: S, batch: readonly In[]) => S,
  initial: () => S,
): BatchStore<S> {
  const internals = internalsOf(socket);
  const listeners = new Set<() => void>();
  let state = initial();
  let batch: In[] = [];

  const set = (next: S) => {
    if (Object.is(next, state)) return;
    state = next;
    for (const listener of listeners) listener();
  };
  const flushNow = () => {
    if (batch.length === 0) return;
    const taken = batch;
    batch = [];
    try {
      set(reduce()(state, taken));
    } catch (cause) {
      internals.onThrow(cause);
    }
  };

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    collect(topic, flush) {
      const beat = beatOf(internals);
      const take = (message: In) => {
        batch.push(message);
        if (
          flush === 'sync' ||
          // Not asked for every message: of all that is done here, reading the visibility takes longest.
          (batch.length % HIDDEN_BATCH_MESSAGES === 0 && internals.page?.isVisible() === false)
        ) {
          beat.remove(flushNow);
          flushNow();
        } else if (batch.length === 1) beat.add(flushNow);
      };
      const stop =
        topic === undefined
          ? socket.onMessage(take)
          : socket.onMessage(take as (message: unknown) => void, { topic });
      const stopForgetting = internals.onForget(() => {
        batch = [];
        set(initial());
      });
      return () => {
        stop();
        stopForgetting();
        beat.remove(flushNow);
        flushNow();
      };
    },
  };
}

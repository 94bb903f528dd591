import type { Event } from '../machine/event';
import type { Clock, Lock, Page } from './ports';

export interface TurnPorts {
  lock: Lock | null;
  clock: Clock;
  page: Page | null;
  /** What the tabs of the session of the moment call their lock. */
  lockName(): string;
  dispatch(event: Event): void;
}

/** Whose turn it is to call the token source, decided by a lock that all tabs of a session share. */
export interface Turns {
  /** Waits for the turn and tells the machine; gives back what was held or waited for before. */
  request(call: number): void;
  end(): void;
}

/**
 * The lock is waited for in slices: a tab that navigated away while others queued keeps it for good, and only a request
 * that is made anew gets past it.
 */
const SLICE_MS = 1_500;

/** One turn, from the wish to the end. A turn that was held when the page went is over: its call goes on without it. */
type Stage = 'waiting' | 'held' | 'paused' | 'over';

/**
 * The lock is only held, never stolen, and nothing of the application runs inside it: the machine calls the source, and
 * the lock waits for `end()`. A page that is frozen or left gives it back.
 *
 * @see https://www.w3.org/TR/web-locks/
 */
export function createTurns({ lock, clock, page, lockName, dispatch }: TurnPorts): Turns {
  /** Ends the turn that is held or waited for. */
  let endCurrent: (() => void) | null = null;

  function request(call: number): void {
    endCurrent?.();
    if (!lock) return dispatch({ type: 'turn.denied', turn: call });
    const name = lockName();
    let stage: Stage = 'waiting';
    let slice: AbortController | null = null;
    let cancelSlice: () => void = () => {};
    let release: () => void = () => {};

    const body = () =>
      new Promise<void>(resolve => {
        cancelSlice();
        // Granted too late, to somebody who has gone on without it.
        if (stage !== 'waiting') return resolve();
        stage = 'held';
        release = resolve;
        dispatch({ type: 'turn.granted', turn: call });
      });
    const wait = () => {
      const own = new AbortController();
      slice = own;
      cancelSlice = clock.setTimer(() => own.abort(), SLICE_MS);
      const fail = () => {
        if (stage !== 'waiting' || slice !== own) return;
        cancelSlice();
        if (own.signal.aborted) wait();
        else dispatch({ type: 'turn.denied', turn: call });
      };
      try {
        lock.request(name, own.signal, body).catch(fail);
      } catch {
        fail();
      }
    };
    const giveBack = (next: 'paused' | 'over') => {
      const former = stage;
      stage = former === 'waiting' ? next : 'over';
      cancelSlice();
      release();
      if (former === 'waiting') slice?.abort();
    };
    const leavePage = page?.subscribe(signal => {
      if (signal === 'frozen' || signal === 'left') {
        if (stage !== 'paused') giveBack('paused');
      } else if ((signal === 'resumed' || signal === 'returned') && stage === 'paused') {
        stage = 'waiting';
        wait();
      }
    });
    endCurrent = () => {
      endCurrent = null;
      leavePage?.();
      giveBack('over');
    };
    wait();
  }

  return { request, end: () => endCurrent?.() };
}

import type { Event } from '../machine/event';
import type { Clock, Lock, Page } from './ports';

export interface TurnPorts {
  lock: Lock | null;
  clock: Clock;
  page: Page | null;
  dispatch(event: Event): void;
}

/** Whose turn it is to call the token source, decided by a lock that all tabs of a session share. */
export interface Turns {
  /** Waits for the turn and tells the machine; gives back what was held or waited for before. */
  request(name: string, call: number): void;
  end(): void;
}

/**
 * The lock is waited for in slices: a tab that navigated away while others queued keeps it for good, and only a request
 * that is made anew gets past it.
 */
const SLICE_MS = 1_500;

/**
 * The lock is only held, never stolen, and nothing of the application runs inside it: the machine calls the source, and
 * the lock waits for `end()`. A page that is frozen or left gives it back.
 *
 * @see https://www.w3.org/TR/web-locks/
 */
export function createTurns({ lock, clock, page, dispatch }: TurnPorts): Turns {
  /** Ends the turn that is held or waited for. */
  let endCurrent: (() => void) | null = null;

  function request(name: string, call: number): void {
    endCurrent?.();
    if (!lock) return dispatch({ type: 'turn.denied', turn: call });
    let release: () => void = () => {};
    let isOver = false;
    let isGranted = false;
    let isPaused = false;
    let slice: AbortController | null = null;
    let cancelSlice: () => void = () => {};

    const body = () =>
      new Promise<void>(resolve => {
        cancelSlice();
        // Granted too late, to somebody who has gone on without it.
        if (isOver || isPaused) return resolve();
        isGranted = true;
        release = resolve;
        dispatch({ type: 'turn.granted', turn: call });
      });
    const wait = () => {
      const controller = new AbortController();
      slice = controller;
      let isSliceOver = false;
      cancelSlice = clock.setTimer(() => {
        isSliceOver = true;
        controller.abort(new DOMException('Not granted in time.', 'TimeoutError'));
      }, SLICE_MS);
      const fail = () => {
        cancelSlice();
        if (isOver || isGranted || isPaused) return;
        if (isSliceOver) wait();
        else dispatch({ type: 'turn.denied', turn: call });
      };
      try {
        lock.request(name, controller.signal, body).catch(fail);
      } catch {
        fail();
      }
    };
    const leave = page?.subscribe(signal => {
      if (signal === 'frozen' || signal === 'left') pause();
      else if ((signal === 'resumed' || signal === 'returned') && isPaused) {
        isPaused = false;
        if (!isGranted) wait();
      }
    });
    const pause = () => {
      isPaused = true;
      cancelSlice();
      release();
      if (!isGranted) slice?.abort(new DOMException('The page is leaving.', 'AbortError'));
    };
    endCurrent = () => {
      isOver = true;
      endCurrent = null;
      leave?.();
      pause();
    };
    wait();
  }

  return { request, end: () => endCurrent?.() };
}

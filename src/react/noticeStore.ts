import type { AuthSocket } from '../runtime/authSocket';
import { internalsOf } from '../runtime/internals';
import { noticeOf, type ConnectionNotice } from './connectionNotice';
import { shallowEqual } from './shallowEqual';

/** A store as React subscribes to it. */
export interface NoticeStore {
  get(): ConnectionNotice | null;
  subscribe(listener: () => void): () => void;
}

/** The notice of one component, each for its time. `minShownMs` is asked whenever it matters. */
// eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
export function createNoticeStore(socket: AuthSocket<any, any>, minShownMs: () => number): NoticeStore {
  const { clock, page, ended, user, onForget, lostAt } = internalsOf(socket);
  let notice: ConnectionNotice | null = null;
  let changedAt = -Infinity;
  /** Of which session it was told; the end of a session makes another one. */
  let toldOf = '';

  /** Answers in how many ms there is something else to tell; 0: not by the passing of time alone. */
  function look(): number {
    const status = socket.getStatus();
    // Nobody at all (`sessionKey: null`) is signed out, too, but nothing has ended.
    const hasEnded = status.session === 'signed-out' && ended() !== null;
    const isOnline = page?.isOnline() ?? true;
    const next = noticeOf({ status, hasEnded, isOnline, lostAt: lostAt(), wallMs: clock.wallMs() }, notice);
    if (shallowEqual(next, notice)) return 0;
    const now = clock.elapsedMs();
    const restMs = changedAt + minShownMs() - now;
    const session = `${user()} ${hasEnded}`;
    // What is still told of another session is wrong by now; a pause never is.
    const isWrong = notice !== null && session !== toldOf;
    if (restMs > 0 && !isWrong) return restMs;
    notice = next;
    toldOf = session;
    changedAt = now;
    return 0;
  }

  look();
  return {
    get: () => notice,
    subscribe(listener: () => void) {
      let cancelTimer: (() => void) | undefined;
      let leavePage: (() => void) | undefined;
      const update = () => {
        const told = notice;
        const restMs = look();
        cancelTimer?.();
        cancelTimer = restMs > 0 ? clock.setTimer(update, restMs) : undefined;
        // Going offline while there is no link changes no status.
        if (socket.getStatus().lost) leavePage ??= page?.subscribe(update);
        else {
          leavePage?.();
          leavePage = undefined;
        }
        if (notice !== told) listener();
      };
      const leaveStatus = socket.subscribe(update);
      // From a session that is over to nobody, the status stays as it is. Any other change of user changes it, in a moment.
      const leaveUser = onForget(() => {
        if (socket.getStatus().session === 'signed-out') update();
      });
      update();
      return () => {
        leaveStatus();
        leaveUser();
        leavePage?.();
        cancelTimer?.();
      };
    },
  };
}

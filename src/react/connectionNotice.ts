import type { SocketStatus, StopReason } from '../machine/snapshot';

/** What a banner has to say about the connection. The same object until it says something else. */
export type ConnectionNotice = Readonly<{
  /**
   * `reconnecting`: no link for a while, and the client tries. `offline`: the same, and the browser says that there is no
   * network. `signed-out`: the session is over, whoever ended it. `blocked`: the link does not come back by itself; the
   * status has the `stopReason`, and `reconnect()` tries again.
   */
  kind: 'reconnecting' | 'offline' | 'signed-out' | 'blocked';
  /**
   * When the link was lost, epoch ms on this machine's clock; where there never was one, when this notice began. The same
   * from kind to kind.
   */
  since: number;
  /**
   * When the next try begins, epoch ms on this machine's clock; past: it is under way. null: it is under way without having
   * been announced, or there will be none (`signed-out`, `blocked`).
   */
  retryAt: number | null;
}>;

/** Options of `useConnectionNotice()`. */
export interface ConnectionNoticeOptions {
  /**
   * No notice is shorter, and no pause between two of them, in ms. Only what was said of another session goes at once; the
   * end of a session makes another one.
   *
   * @default 1_000
   */
  minShownMs?: number;
}

/** The circumstances of a moment. */
export interface NoticeFacts {
  readonly status: SocketStatus;
  readonly isOnline: boolean;
  /** There was a session, and it is over. */
  readonly hasEnded: boolean;
  /** When the last link was lost, epoch ms; null: there was none. */
  readonly lostAt: number | null;
  readonly wallMs: number;
}

/** What there is to tell, for the moment. `told`: what is being told. */
export function noticeOf(
  { status, isOnline, hasEnded, lostAt, wallMs }: NoticeFacts,
  told: ConnectionNotice | null,
): ConnectionNotice | null {
  const { lost, retryAt } = status;
  const isBlocked = blocking.includes(status.stopReason);
  if (!hasEnded && !isBlocked && !lost) return null;
  // That a try begins when it was announced is no news; when the one after it comes is.
  const isBegun = lost && told?.retryAt && told.retryAt <= wallMs;
  return {
    kind: hasEnded ? 'signed-out' : isBlocked ? 'blocked' : isOnline ? 'reconnecting' : 'offline',
    since: lostAt ?? told?.since ?? wallMs,
    retryAt: retryAt ?? (isBegun ? told.retryAt : null),
  };
}

/** These wait for somebody to act. The others are what the application wanted, or the end of the session. */
const blocking: readonly (StopReason | null)[] = ['forbidden', 'protocol', 'taken-over', 'misconfigured'];

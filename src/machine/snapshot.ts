import { dialOf, isActive, type StopReason } from './link';
import { sameFields } from './sameFields';
import { usable, type Session } from './session';
import type { State } from './state';
import type { Verdict } from './verdict';

export type { StopReason } from './link';

/** What an application sees of the client. The same object until something changed. */
export type SocketStatus = Readonly<
  {
    /**
     * Who the user is. `stale`: no unexpired token in hand, still trying; the user is still who they are. `rejected`:
     * the server refuses what the token source has; user kept, nothing dialled, asked again now and then.
     */
    session: 'unknown' | 'valid' | 'refreshing' | 'stale' | 'rejected' | 'signed-out';
    /** 0 before the first; +1 for every link that became ready. */
    connection: number;
    /** Not open for longer than `lostAfterMs` of visible, awake time: worth a banner. */
    lost: boolean;
    /** Failures in a row. */
    attempt: number;
    waitingFor: null | 'backoff' | 'online' | 'token';
    /** Epoch ms on this machine's clock. */
    tokenExpiresAt: number | null;
    /** Messages waiting for a link. */
    queued: number;
    lastClose: null | { code: number; reason: string; verdict: Verdict };
  } & (
    | {
        link: 'idle' | 'preparing' | 'connecting' | 'authenticating' | 'open';
        stopReason: null;
        retryAt: null;
      }
    | { link: 'waiting'; stopReason: null; retryAt: number }
    | { link: 'stopped'; stopReason: StopReason; retryAt: null }
  )
>;

/** The former snapshot if nothing in it changed, else a new one. */
export function snapshot(state: State, queued: number, former: SocketStatus | null): SocketStatus {
  const { link, page, settings } = state;
  const next = {
    session: sessionWord(state.session),
    connection: link.connection,
    lost: link.at.name === 'down' && page.awayMs >= settings.lostAfterMs,
    attempt: link.attempt,
    tokenExpiresAt: usable(state.session)?.expiresAt ?? null,
    queued,
    lastClose: link.lastClose,
    ...linkWords(state),
  } as SocketStatus;
  return former && sameFields(next, former) ? former : Object.freeze(next);
}

function sessionWord(session: Session): SocketStatus['session'] {
  const isCalling = session.call.name === 'calling' && session.call.stage !== 'standing-back';
  switch (session.standing.name) {
    case 'anonymous':
    case 'signed-out':
      return 'signed-out';
    case 'unknown':
      return 'unknown';
    case 'held':
      return isCalling ? 'refreshing' : 'valid';
    case 'refused':
      return isCalling ? 'refreshing' : 'stale';
    case 'lapsed':
      return 'stale';
    case 'rejected':
    case 'mismatched':
      return 'rejected';
  }
}

type LinkWords = Pick<SocketStatus, 'link' | 'stopReason' | 'retryAt' | 'waitingFor'>;

function linkWords(state: State): LinkWords {
  const { session, link, settings } = state;
  const words = (name: SocketStatus['link'], more: Partial<LinkWords> = {}): LinkWords =>
    ({ link: name, stopReason: null, retryAt: null, waitingFor: null, ...more }) as LinkWords;
  if (link.at.name === 'stopped') return words('stopped', { stopReason: link.at.reason });
  if (link.at.name === 'open') return words('open');
  const dial = dialOf(link);
  if (!isActive(link) || !settings.hasUrl || dial === null) return words('idle');
  if (session.standing.name === 'mismatched') return words('stopped', { stopReason: 'forbidden' });
  if (dial.name === 'waiting') {
    const { retryAt, waitingFor } = dial;
    return words('waiting', { retryAt, waitingFor });
  }
  if (dial.name !== 'tokenless') return words(dial.name);
  const { call } = session;
  if (call.name !== 'waiting') return words('preparing', { waitingFor: 'token' });
  return words('waiting', { retryAt: call.retryAt, waitingFor: 'token' });
}

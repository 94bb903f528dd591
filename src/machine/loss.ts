import type { WaitCause } from './backoff';
import { dialOf, liveOf, schedule, stop } from './link';
import { usable } from './session';
import { ask, refuse } from './tokenCall';
import type { Draft } from './state';
import type { Verdict } from './verdict';

/** After a verdict frame the server closes within this time; the close is the same event. */
const PARTING_MS = 2_000;

/** In the place of a close code: the server said it in a frame. */
const FRAME = 0;

/** The dial came to nothing. Where there is an open link it goes on. */
export function dialFailed(d: Draft, verdict: Verdict, code: number | null, namedMs?: number): void {
  const { link } = d.state;
  const dial = dialOf(link);
  const token = dial && 'token' in dial ? dial.token : null;
  link.attempt++;
  link.refusedDials++;
  follow(d, verdict, { token, code, namedMs, cause: 'failed' });
}

/** The link is gone; a replacement under way takes its place. */
export function linkLost(
  d: Draft,
  verdict: Verdict,
  code: number | null,
  namedMs?: number,
  isLate = false,
): void {
  const { link } = d.state;
  if (link.at.name !== 'open') return;
  const { live, dial } = link.at;
  link.lostAt = d.now.wallMs;
  if (!live.isStable) link.attempt++;
  const isUnderWay =
    dial !== null && (dial.name !== 'waiting' || dial.isFirm || link.parting?.id === live.id);
  link.at = { name: 'down', dial: dial ?? { name: 'tokenless' } };
  const cause = live.isStable ? 'lost' : 'failed';
  follow(d, verdict, { token: live.token, code, namedMs, cause, isUnderWay, isLate });
}

interface Aftermath {
  token: number | null;
  code: number | null;
  namedMs: number | undefined;
  cause: 'lost' | 'failed';
  /** A replacement is under way, or its time is fixed: only a stop touches it. */
  isUnderWay?: boolean;
  isLate?: boolean;
}

/** What a verdict means for the token and for the next dial. */
function follow(d: Draft, verdict: Verdict, after: Aftermath): void {
  const { session } = d.state;
  const next = (cause: WaitCause) => {
    const dial = dialOf(d.state.link);
    const isAsked = cause === 'limit' || after.namedMs !== undefined;
    // The server's word counts for a replacement too, unless that is being dialled already.
    if (!after.isUnderWay || (isAsked && dial && !('id' in dial))) schedule(d, cause, after);
  };
  switch (verdict) {
    case 'expired':
    case 'revoked': {
      const isFirst = after.cause === 'lost' || d.state.link.attempt <= 1;
      if (!session.leaving) refuse(d, after.token);
      return next(isFirst ? 'asked' : 'failed');
    }
    case 'ambiguous':
      if (!session.leaving) doubt(d, after.code);
      return next(after.cause);
    case 'limit':
    case 'going-away':
      return next(verdict);
    case 'forbidden':
    case 'protocol':
    case 'taken-over':
      return stop(d, verdict);
  }
}

/** A bare 1008 or a code of the server's own may be about the token; 1006 and its like say nothing. */
function doubt(d: Draft, code: number | null): void {
  const { link, session } = d.state;
  if (code === null || !usable(session)) return;
  const isMute = code !== FRAME && code !== 1008 && (code < 3000 || code > 4999);
  if (isMute ? link.refusedDials % 8 !== 2 : link.isDoubted) return;
  link.isDoubted = true;
  ask(d, 'rejected', true);
}

/** The socket is gone. The close that a verdict frame announced was followed already. */
export function closed(
  d: Draft,
  event: { id: number; code: number; reason: string; verdict: Verdict; retryAfterMs?: number | undefined },
): void {
  const { link } = d.state;
  const { id, code, reason, verdict, retryAfterMs } = event;
  const dial = dialOf(link);
  const isOurs = liveOf(link)?.id === id || (dial && 'id' in dial && dial.id === id);
  if (!isOurs && link.parting?.id !== id) return;
  link.lastClose = { code, reason, verdict };
  judged(d, id, verdict, code, retryAfterMs);
  if (link.parting?.id === id) link.parting = null;
}

/** The server closed, or sent a verdict and will close. */
function judged(d: Draft, id: number, verdict: Verdict, code: number | null, namedMs?: number): void {
  if (liveOf(d.state.link)?.id === id) return linkLost(d, verdict, code, namedMs);
  const dial = dialOf(d.state.link);
  if (dial && 'id' in dial && dial.id === id) dialFailed(d, verdict, code, namedMs);
}

/** A verdict frame: the socket is left to the server for a moment, its link is over now. */
export function part(d: Draft, id: number, verdict: Verdict, namedMs?: number): void {
  const { link } = d.state;
  const dial = dialOf(link);
  if (liveOf(link)?.id !== id && !(dial && 'id' in dial && dial.id === id)) return;
  link.parting = { id, verdict };
  // It still carries messages: the replacement comes first.
  if (verdict === 'going-away' && liveOf(link)?.id === id) {
    // One that is under way already goes on.
    return dial && 'id' in dial ? undefined : schedule(d, 'going-away', { namedMs });
  }
  judged(d, id, verdict, FRAME, namedMs);
  d.effects.push({ type: 'await-close', id, withinMs: PARTING_MS });
}

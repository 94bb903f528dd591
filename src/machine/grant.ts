import { askAgainTime, lifeOf, type Credential, type GrantFacts, type Life } from './credential';
import { dropUser, extend, hasEnded, hold, receive, tabMode, usable, type Session } from './session';
import type { Draft } from './state';
import { ask, callFailed, waitUntil } from './tokenCall';

/** A token came. A late one is adopted only if it outlives what is in hand. */
export function granted(d: Draft, call: number, facts: GrantFacts, askedAt: number): void {
  const { session } = d.state;
  const { wallMs } = d.now;
  if (hasEnded(session) || session.leaving?.by === 'this-tab' || call <= session.formerCall) return;
  const isCurrent = session.call.name === 'calling' && call === session.lastCall;
  const held = usable(session);
  // A sibling's token came while this call was under way.
  const isOvertaken = isCurrent && call === session.grantedCall;

  if (facts.id === session.refusedId) {
    if (isCurrent) refusedAgain(d);
    return;
  }
  if (facts.id === held?.id) {
    if (isCurrent) sameAgain(d, held, facts);
    return;
  }
  const life = lapsedLife(session, facts) ?? lifeOf(facts, askedAt, wallMs, session.skewMs);
  if (held && isOvertaken && !outlives(life.expiresAt, held.expiresAt)) return nothingNew(d);
  if (life.expiresAt !== null && life.expiresAt <= wallMs) {
    if (isCurrent || call === 0) looksExpired(d, isCurrent);
    return;
  }
  if (!isCurrent && held && (call < session.grantedCall || !outlives(life.expiresAt, held.expiresAt))) return;
  if (!acceptsSubject(d, facts, isCurrent)) return;

  session.skewMs = life.skewMs;
  const { id, isBearer, expiresAt: serverExpiresAt } = facts;
  receive(d, { id, isBearer, expiresAt: life.expiresAt, serverExpiresAt });
  session.grantedCall = call;
  if (!(isCurrent && session.call.name === 'calling' && session.call.isEcho)) announce(d, call, facts);
  if (isCurrent) session.calls = session.calls.slice(0, -1);
  if (isCurrent || session.call.name === 'waiting') session.call = { name: 'resting' };
  d.effects.push({ type: 'settle-callers', upTo: Infinity });
}

/**
 * A token that lapsed here has not become younger: only a lifetime of its own revives it, or none.
 *
 * It may have lapsed because our clock was put right; then its `exp` counts, and the clocks are yet to be compared.
 */
function lapsedLife({ lapsed }: Session, { id, expiresAt, expiresInMs }: GrantFacts): Life | null {
  if (id !== lapsed?.id || expiresAt === null || expiresInMs !== null) return null;
  return { expiresAt: lapsed.inJump ? expiresAt : -Infinity, skewMs: null };
}

/** Siblings hear of a token that a call of ours brought. */
function announce(d: Draft, call: number, { id, isBearer }: GrantFacts): void {
  const { session } = d.state;
  session.generation++;
  if (tabMode(d.state) === 'separate' || !isBearer || call === 0) return;
  d.effects.push({ type: 'share-token', id, generation: session.generation });
}

function outlives(expiresAt: number | null, heldUntil: number | null): boolean {
  return heldUntil !== null && (expiresAt === null || expiresAt > heldUntil);
}

function refusedAgain(d: Draft): void {
  const { session, settings } = d.state;
  // A cache that lags behind; the good token stays in use.
  if (usable(session)) return callFailed(d);
  const next = session.call.name === 'calling' ? session.call.next : null;
  waitUntil(d, d.now.elapsedMs + settings.maxMs);
  if (next?.force) return ask(d, next.reason, true);
  session.standing = { name: 'rejected' };
  d.effects.push({ type: 'settle-callers', upTo: session.lastCall });
}

/** The same unexpired token is no failure, but when a new one was due, it is asked for again before the end. */
function sameAgain(d: Draft, held: Credential, facts: GrantFacts): void {
  const { wallMs } = d.now;
  if (facts.expiresInMs !== null) extend(d, held.id, facts.expiresInMs, wallMs);
  else if (held.expiresAt !== null && held.refreshAt !== null && held.refreshAt <= wallMs) {
    hold(d, { ...held, refreshAt: askAgainTime(held.expiresAt, wallMs) });
  }
  nothingNew(d);
}

/** The call is over and no failure; what it did not bring may have been asked for meanwhile. */
function nothingNew(d: Draft): void {
  const { session } = d.state;
  const next = session.call.name === 'calling' ? session.call.next : null;
  session.call = { name: 'resting' };
  session.failures = 0;
  d.effects.push({ type: 'settle-callers', upTo: session.lastCall });
  if (next) ask(d, next.reason, next.force);
}

/** Is it old, or is our clock wrong? One made for us right now will tell. */
function looksExpired(d: Draft, isCurrent: boolean): void {
  const { session } = d.state;
  if (session.isSuspected) return callFailed(d);
  session.isSuspected = true;
  if (isCurrent) session.call = { name: 'resting' };
  if (isCurrent) ask(d, 'expired', true);
}

/** Whose token is it? Another user's is refused under a key, and a change of user without one. */
function acceptsSubject(d: Draft, { id, subject }: GrantFacts, isCurrent: boolean): boolean {
  const { session } = d.state;
  const former = session.subject;
  session.subject = subject ?? former;
  if (subject === null || former === null || subject === former) return true;
  if (session.key === undefined) {
    dropUser(d, id);
    session.subject = subject;
    return true;
  }
  session.subject = former;
  // A late answer about somebody else says nothing about what the source thinks now.
  if (!isCurrent) return false;
  if (session.standing.name !== 'mismatched') {
    d.effects.push({
      type: 'report',
      code: 'subject-mismatch',
      message: 'The token is of another user than sessionKey stands for; it was not used.',
    });
  }
  session.standing = { name: 'mismatched' };
  session.call = { name: 'resting' };
  d.effects.push({ type: 'forget-tokens', keep: null }, { type: 'settle-callers', upTo: session.lastCall });
  return false;
}

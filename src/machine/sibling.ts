import type { Credential, SharedFacts } from './credential';
import { endSession, hasEnded, receive, tabMode, usable, type Session } from './session';
import type { Draft, State } from './state';
import { isActive, start } from './link';
import { ask, remaining } from './tokenCall';
import { siblingLeads, stepForward } from './turn';

/** A sibling's logout call gets 5 s; then it says that it has left, unless it has gone. */
const LEAVING_MS = 7_000;

/** On our clock two tokens of one `exp` differ by how long their answers took; that makes neither the older one. */
const ANSWER_SPREAD_MS = 2_000;

/**
 * A sibling hands its token over.
 *
 * It is taken if it is newer, of the same user, good for longer and not the one that was refused: messages arrive late
 * in a tab that was frozen, and two tabs without a lock may refresh at once.
 */
export function shared(d: Draft, facts: SharedFacts): void {
  const { session, settings } = d.state;
  const { wallMs } = d.now;
  const { id, serverExpiresAt, subject, generation } = facts;
  let { expiresAt } = facts;
  if (!settings.hasSource || tabMode(d.state) !== 'share') return;
  if (hasEnded(session) || session.leaving || session.standing.name === 'mismatched') return;
  const held = usable(session);
  if (id === session.refusedId || id === held?.id) return;
  if (expiresAt !== null && expiresAt <= wallMs) return;
  if (subject !== null && session.subject !== null && subject !== session.subject) return;
  if (!isNewer(session, facts, held)) return;
  if (expiresAt !== null && held?.expiresAt) expiresAt = Math.max(expiresAt, held.expiresAt);

  session.subject = subject ?? session.subject;
  receive(d, { id, isBearer: true, expiresAt, serverExpiresAt });
  if (expiresAt !== null && serverExpiresAt !== null) session.skewMs = expiresAt - serverExpiresAt;
  session.generation = generation;
  d.effects.push({ type: 'settle-callers', upTo: Infinity });
  const { call } = session;
  if (call.name === 'calling' && (call.stage === 'source' || call.reason === 'changed')) {
    // Not cut off: a rotation that has reached the server must bring its answer home. Nobody waits for it any more, and
    // it has been overtaken.
    session.call = { ...call, force: false };
    if (call.stage === 'source') session.grantedCall = session.lastCall;
    return;
  }
  session.call = { name: 'resting' };
  if (call.name === 'calling' && call.next?.reason === 'changed') ask(d, 'changed', call.next.force);
}

/** Later than what is in hand, or than what was refused; two of one age were made at once, and the longer life wins. */
function isNewer({ generation, standing }: Session, facts: SharedFacts, held: Credential | null): boolean {
  const other = facts.generation;
  if (!held) return other >= generation || (standing.name !== 'refused' && standing.name !== 'rejected');
  const { expiresAt } = facts;
  const until = held.expiresAt;
  if (other !== generation)
    return other > generation && (!until || !expiresAt || until - expiresAt <= ANSWER_SPREAD_MS);
  return until !== null && (expiresAt === null || expiresAt > until);
}

/** Is this tab on the channel of its session? A call that is made without a link takes part, too. */
export function isAmongSiblings(state: State): boolean {
  const { session, link, page } = state;
  const isHere = (link.isWanted && !page.isGone) || session.call.name === 'calling';
  return isHere && tabMode(state) !== 'separate';
}

/** A sibling wants to know what is new. Who knows nothing newer than it does learns that it has begun to refresh. */
export function siblingAsked(d: Draft, generation: number, since: number): void {
  const { session } = d.state;
  const { standing } = session;
  if (standing.name === 'signed-out') {
    const { reason, at } = standing;
    if (at >= since) d.effects.push({ type: 'tell-siblings', what: 'signed-out', reason, at });
    return;
  }
  if (tabMode(d.state) === 'separate') return;
  const held = usable(session);
  if (held?.isBearer && session.generation > generation) {
    d.effects.push({ type: 'share-token', id: held.id, generation: session.generation });
  } else if (generation === session.generation) queueBehind(d);
}

/**
 * A sibling has begun to refresh the token that is in hand here, too.
 *
 * Where that is due within the spread of `refreshTime` this tab queues up behind it at once: then it is let in as soon as
 * the sibling is gone, and need not wait for its own time.
 */
function queueBehind(d: Draft): void {
  const { session, settings, link } = d.state;
  const held = usable(session);
  siblingLeads(d);
  if (!held?.refreshAt) return;
  const isNearlyDue = held.refreshAt - d.now.wallMs <= settings.refreshLeadMs / 10;
  if (!isNearlyDue || session.leaving || !isActive(link)) return;
  if (session.call.name === 'resting') ask(d, 'expiring', false, { minValidityMs: remaining(d) });
  stepForward(d);
}

/** A sibling has a new token and keeps it for itself: the source, which knows of it, is asked. */
export function renewed(d: Draft, generation: number): void {
  const { session } = d.state;
  if (tabMode(d.state) === 'separate' || generation <= session.generation || hasEnded(session)) return;
  session.generation = generation;
  const { call } = session;
  if (call.name !== 'calling' || call.stage === 'source') return ask(d, 'changed', false, { isEcho: true });
  // The call of ours that waits its turn fetches that token, and is no news to anybody.
  if (call.reason === 'manual' || call.reason === 'initial') session.call = { ...call, isEcho: true };
  else {
    const next = call.force ? { reason: call.reason, force: true } : call.next;
    session.call = { ...call, reason: 'changed', force: false, isEcho: true, next };
  }
}

/** A sibling is on its way out: what the server says now is about that. */
export function siblingLeaving(d: Draft, at: number): void {
  const { session } = d.state;
  if (hasEnded(session) || session.leaving || at < session.startedAt) return;
  session.leaving = { by: 'other-tab', until: d.now.elapsedMs + LEAVING_MS };
}

/** The sibling that was signing out has gone without a last word: the session goes on. */
export function pursueLeaving(d: Draft): void {
  const { session, link } = d.state;
  if (session.leaving?.by !== 'other-tab' || d.now.elapsedMs < session.leaving.until) return;
  session.leaving = null;
  if (link.isWanted && link.at.name === 'idle') start(d, 'asked');
}

/** A sibling signed out. Told before this session began, it is about a former one. */
export function siblingLeft(d: Draft, reason: string, at: number): void {
  const { session } = d.state;
  if (at < session.startedAt) return;
  session.leaving = null;
  endSession(d, reason, 'other-tab');
}

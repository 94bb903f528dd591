import { budgetOpensAt, namedWait, recent, tokenWait } from './backoff';
import type { TokenReason } from './effect';
import { dropUser, hasEnded, hold, usable } from './session';
import type { Draft } from './state';
import { beginCall, nextStage, stageDeadline, stepForward } from './turn';

/** A server that says "expiring soon" after every refresh gets one refresh in this time. */
const EXPIRING_COOLDOWN_MS = 30_000;

/** Starts a call, joins the one under way, or waits for the first moment at which one is allowed. */
export function ask(
  d: Draft,
  reason: TokenReason,
  force: boolean,
  { minValidityMs = 0, isEcho = false }: { minValidityMs?: number; isEcho?: boolean } = {},
): void {
  const { session, settings } = d.state;
  const { elapsedMs } = d.now;
  if (!settings.hasSource || hasEnded(session)) return;
  if (session.call.name === 'calling') {
    const adds = (force && !session.call.force) || reason === 'changed';
    if (adds) session.call = { ...session.call, next: { reason, force } };
    if (reason === 'manual') stepForward(d);
    return;
  }
  session.calls = recent(session.calls, elapsedMs);
  const opensAt = Math.max(session.notBefore, budgetOpensAt(session.calls));
  if (elapsedMs < opensAt) {
    return waitUntil(d, opensAt);
  }
  session.lastCall++;
  beginCall(d, { reason, force, minValidityMs, isEcho });
}

/** The call brought no token. The one in hand stays in use. */
export function callFailed(d: Draft, retryAfterMs?: number): void {
  const { session, settings, page } = d.state;
  const { elapsedMs, random } = d.now;
  if (session.call.name !== 'calling') return;
  const { next } = session.call;
  session.failures++;
  if (retryAfterMs !== undefined) session.notBefore = elapsedMs + namedWait(retryAfterMs, random);
  const isRejected = session.standing.name === 'rejected';
  const wait = isRejected
    ? settings.maxMs
    : tokenWait(session.failures, random, elapsedMs < page.eagerUntil, leftOf(d), settings);
  waitUntil(d, Math.max(elapsedMs + wait, session.notBefore));
  d.effects.push({ type: 'settle-callers', upTo: session.lastCall });
  if (next) ask(d, next.reason, next.force);
}

/** Lets go of the call under way. */
export function dropCall(d: Draft): void {
  const { session } = d.state;
  if (session.call.name === 'calling') {
    d.effects.push(
      { type: 'abort-call', call: session.lastCall },
      { type: 'settle-callers', upTo: Infinity },
    );
  }
  session.call = { name: 'resting' };
}

/** No call before this elapsed ms. */
export function waitUntil({ state, now }: Draft, at: number): void {
  state.session.call = { name: 'waiting', at, retryAt: now.wallMs + at - now.elapsedMs };
}

/** The server refused this token. Whether the session goes on is for the source to say. */
export function refuse(d: Draft, id: number | null): void {
  const { session, settings } = d.state;
  const held = usable(session);
  // A cookie has no number; whether it still counts is for the source to say.
  if (id === null && held && !held.isBearer) return ask(d, 'rejected', true);
  if (held?.id !== id || !settings.hasSource) return;
  session.refusals++;
  session.refusedId = id;
  if (session.refusals < 2) {
    session.standing = { name: 'refused' };
    ask(d, 'rejected', true);
  } else {
    session.standing = { name: 'rejected' };
    if (session.call.name !== 'calling') waitUntil(d, d.now.elapsedMs + settings.maxMs);
  }
}

/** Another user, or nobody: nothing of the former one is kept. */
export function changeKey(d: Draft, key: string | null | undefined): void {
  const { session } = d.state;
  if (key === session.key) return;
  const hadSomebody = session.key !== null;
  session.key = key;
  dropUser(d);
  session.standing = { name: key === null ? 'anonymous' : 'unknown' };
  if (hadSomebody) ask(d, 'changed', false);
}

/** Somebody else under the same key, or under none. */
export function replaceUser(d: Draft): void {
  const { session } = d.state;
  if (session.key === null) return;
  dropUser(d);
  ask(d, 'changed', false);
}

/** "Expiring soon", said by the server: the refresh is due now, unless it was just done. */
export function hurry(d: Draft): void {
  const { session } = d.state;
  const held = usable(session);
  const isCool = d.now.elapsedMs - session.grantedAt >= EXPIRING_COOLDOWN_MS;
  if (isCool && held) hold(d, { ...held, refreshAt: d.now.wallMs });
}

/** A wake or the application starts the ladder over: the next call may leave at once. */
export function askAfresh(d: Draft): void {
  const { session } = d.state;
  session.failures = 0;
  if (session.call.name === 'waiting') waitUntil(d, d.now.elapsedMs);
  else if (session.standing.name === 'rejected') ask(d, 'rejected', true);
}

/** A token at its true end is in hand no longer. */
export function lapse({ now, state: { session } }: Draft, inJump = false): void {
  const held = usable(session);
  if (!held || held.expiresAt === null || held.expiresAt > now.wallMs) return;
  session.standing = { name: 'lapsed' };
  session.lapsed = { id: held.id, inJump };
}

/** Does what time and standing demand: the true expiry, the deadline of the call, the next call. */
export function pursueSession(d: Draft, isActive: boolean): void {
  const { session, page } = d.state;
  const { elapsedMs } = d.now;
  lapse(d);
  if (page.isVisible) stepForward(d);
  if (session.call.name === 'calling') {
    const deadline = stageDeadline(session.call, elapsedMs);
    if (deadline) {
      if (deadline !== session.call.deadline) session.call = { ...session.call, deadline };
    } else if (!nextStage(d)) {
      d.effects.push({ type: 'abort-call', call: session.lastCall });
      callFailed(d);
    }
  }
  if (session.call.name === 'waiting' && elapsedMs >= session.call.at) session.call = { name: 'resting' };
  if (session.leaving || session.call.name !== 'resting' || !isActive) return;
  const due = dueReason(d);
  if (!due) return;
  const minValidityMs = due === 'expiring' ? remaining(d) : 0;
  ask(d, due, due === 'rejected' || session.isSuspected, { minValidityMs });
}

function dueReason({ now, state }: Draft): TokenReason | null {
  const { standing } = state.session;
  switch (standing.name) {
    case 'unknown':
      return 'initial';
    case 'lapsed':
      return 'expired';
    case 'refused':
    case 'rejected':
      return 'rejected';
    case 'held': {
      const { refreshAt } = standing.credential;
      return refreshAt !== null && refreshAt <= now.wallMs ? 'expiring' : null;
    }
    case 'anonymous':
    case 'mismatched':
    case 'signed-out':
      return null;
  }
}

/** How much longer the token in hand lives; Infinity if that is unknown or there is none. */
function leftOf({ now, state }: Draft): number {
  const expiresAt = usable(state.session)?.expiresAt ?? null;
  return expiresAt === null ? Infinity : Math.max(0, expiresAt - now.wallMs);
}

/** A token that lives longer than the one in hand is wanted. */
export function remaining(d: Draft): number {
  const leftMs = leftOf(d);
  return leftMs === Infinity ? 0 : leftMs + 1_000;
}

import { recent } from './backoff';
import { deadlineIn, LATE_MS, stillOpen, type Deadline } from './deadline';
import type { TokenReason } from './effect';
import { tabMode, usable, type Call, type Stage } from './session';
import type { Draft } from './state';

/** A sibling that hangs or is frozen may hold the turn for ever: nobody waits longer than this. */
const TURN_MS = 5_000;

/** Tabs that give up waiting together do not call together. */
const HESITATION_MS = 500;

/** Where there is no turn to be had, a sibling that has just begun is given so long: token endpoints that are well need less. */
const YIELD_MS = 2_000;

/** A sibling that has a token answers within a few ms, a busy one within some more. */
const ANSWER_MS = 30;

/** A hidden tab with time to spare stands back for so long, but for no more than a quarter of what is left. */
const STAND_BACK_MS = 5_000;
/** One that woke, or whose token is gone already, waits just long enough for a visible tab to lead. */
const SHORT_STAND_BACK_MS = 500;

type Calling = Extract<Call, { name: 'calling' }>;

/** Starts a call at its first stage. */
export function beginCall(
  d: Draft,
  { reason, force, minValidityMs, isEcho }: Pick<Calling, 'reason' | 'force' | 'minValidityMs' | 'isEcho'>,
): void {
  const { session, settings } = d.state;
  const deadline = deadlineIn(d.now.elapsedMs, 0);
  const call: Calling = {
    name: 'calling',
    stage: 'source',
    deadline,
    reason,
    force,
    minValidityMs,
    hasTurn: false,
    isEcho,
    next: null,
  };
  session.call = call;
  if (!settings.takesTurns || tabMode(d.state) === 'separate') return enter(d, call, 'source');
  const backMs = standBackMs(d, reason);
  if (backMs === 0) return enter(d, call, 'queueing');
  enter(d, call, 'standing-back', backMs);
}

/** What is left of the stage's time, or null. A mere wait needs no grace: in a hidden tab that would be a minute. */
export function stageDeadline({ stage, deadline }: Calling, elapsedMs: number): Deadline | null {
  const isMereWait = stage === 'standing-back' || stage === 'hesitating' || stage === 'yielding';
  return isMereWait ? (elapsedMs < deadline.at ? deadline : null) : stillOpen(deadline, elapsedMs);
}

/** Somebody looks, or waits for the token: nobody else has to go first. */
export function stepForward(d: Draft): void {
  const { call } = d.state.session;
  if (call.name === 'calling' && call.stage === 'standing-back') nextStage(d);
}

/** The stage's time is over. false: it was the last one, and the call has come to nothing. */
export function nextStage(d: Draft): boolean {
  const { call } = d.state.session;
  if (call.name !== 'calling') return false;
  switch (call.stage) {
    case 'standing-back':
      enter(d, call, 'queueing');
      return true;
    case 'queueing':
      goWithoutTurn(d, call, true);
      return true;
    case 'hesitating':
    case 'yielding':
      askOrCall(d, call);
      return true;
    case 'asking':
      enter(d, call, 'source');
      return true;
    case 'source':
      return false;
  }
}

/** The lock says whose turn it is. */
export function turnGranted(d: Draft, number: number): void {
  const { session } = d.state;
  const { call } = session;
  if (call.name === 'calling' && call.stage === 'queueing' && number === session.lastCall) askOrCall(d, call);
}

/** There is no lock to be had. Somebody who waits for a first token, or asked for one, does not wait for chance. */
export function turnDenied(d: Draft, number: number): void {
  const { session } = d.state;
  const { call } = session;
  if (call.name !== 'calling' || call.stage !== 'queueing' || number !== session.lastCall) return;
  goWithoutTurn(d, call, call.reason !== 'initial' && call.reason !== 'manual');
}

/** A sibling has set out to replace the token that is in hand here, too. Two without turns would use up one cookie. */
export function siblingLeads(d: Draft): void {
  const { session } = d.state;
  session.ledAt = d.now.elapsedMs;
  if (session.call.name === 'calling' && session.call.stage === 'hesitating')
    goWithoutTurn(d, session.call, true);
}

function goWithoutTurn(d: Draft, former: Calling, mayHesitate: boolean): void {
  const { elapsedMs, random } = d.now;
  const call = { ...former, hasTurn: false };
  const chanceMs = random * HESITATION_MS;
  if (elapsedMs - d.state.session.ledAt < YIELD_MS) return enter(d, call, 'yielding', YIELD_MS + chanceMs);
  if (mayHesitate) enter(d, call, 'hesitating', chanceMs);
  else askOrCall(d, call);
}

/** There is no other tab: no answer is waited for. */
export function nobodyAnswers(d: Draft): void {
  const { call } = d.state.session;
  if (call.name === 'calling' && call.stage === 'asking') nextStage(d);
}

/**
 * What the source says of its own change no sibling knows better. Where tokens are not handed over, a tab that begins
 * learns how many there have been, and that its first one is no news.
 */
function askOrCall(d: Draft, call: Calling): void {
  const { reason } = call;
  const mayBeKnown = tabMode(d.state) === 'share' ? reason !== 'changed' : reason === 'initial';
  enter(d, call, mayBeKnown ? 'asking' : 'source');
}

function enter(d: Draft, call: Calling, stage: Stage, ms = msOf(d, stage)): void {
  const { session } = d.state;
  const { elapsedMs } = d.now;
  const number = session.lastCall;
  const hasTurn = call.hasTurn || stage === 'queueing';
  session.call = { ...call, stage, hasTurn, deadline: deadlineIn(elapsedMs, ms) };
  if (stage === 'queueing') d.effects.push({ type: 'request-turn', call: number });
  if (stage === 'asking') {
    const { generation, startedAt } = session;
    d.effects.push({ type: 'ask-siblings', generation, since: startedAt });
  }
  if (stage !== 'source') return;
  const { reason, force, minValidityMs } = call;
  session.calls = [...recent(session.calls, elapsedMs), elapsedMs];
  const attempt = session.failures + 1;
  d.effects.push({ type: 'call-source', call: number, reason, force, attempt, minValidityMs });
}

function msOf(d: Draft, stage: Stage): number {
  switch (stage) {
    case 'queueing':
      return TURN_MS;
    case 'asking':
      return ANSWER_MS;
    case 'source':
      return d.state.settings.tokenMs;
    case 'standing-back':
    case 'hesitating':
    case 'yielding':
      return 0;
  }
}

/** When all tabs wake at once, the visible one leads. */
function standBackMs({ now, state: { page, session } }: Draft, reason: TokenReason): number {
  if (page.isVisible || reason === 'manual' || reason === 'initial') return 0;
  const width = 1 + 2 * now.random;
  const held = usable(session);
  if (reason !== 'expiring' || now.elapsedMs < page.eagerUntil) return SHORT_STAND_BACK_MS * width;
  // Timers of a tab that is hidden for long come once a minute. A visible one would have refreshed by now, and there is
  // no time for another such minute.
  if (held?.refreshAt && now.wallMs - held.refreshAt > LATE_MS) return 0;
  const leftMs = held?.expiresAt ? held.expiresAt - now.wallMs : Infinity;
  return Math.min(STAND_BACK_MS * width, leftMs / 4);
}

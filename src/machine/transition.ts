import { assertNever } from './assertNever';
import {
  becomeOpen,
  dialDenied,
  dialMisconfigured,
  dialPrepared,
  dialRejected,
  dialUnavailable,
  pursueDial,
  socketOpened,
} from './dial';
import type { Effect } from './effect';
import type { Event } from './event';
import { acked, nacked, pursueExchange } from './exchange';
import { hear, pursueLive, replace } from './keepAlive';
import { dialOf, halt, isActive, liveOf, newLink, schedule, start, stop } from './link';
import { closed, part } from './loss';
import { granted } from './grant';
import { endSession, hasEnded, newSession } from './session';
import { pursueLeaving, renewed, shared, siblingAsked, siblingLeaving, siblingLeft } from './sibling';
import {
  ask,
  askAfresh,
  callFailed,
  changeKey,
  dropCall,
  hurry,
  lapse,
  pursueSession,
  replaceUser,
} from './tokenCall';
import type { Settings } from './settings';
import type { Draft, Moment, State } from './state';
import { timerOf } from './timer';
import { nobodyAnswers, turnDenied, turnGranted } from './turn';
import { EAGER_MS, followWall, gapAt, rejoin, signalled, wake } from './wake';

/** A client before its first event. */
export function initialState(settings: Settings, key: string | null | undefined, now: Moment): State {
  return {
    settings,
    session: newSession(key, now.wallMs),
    link: newLink(),
    page: {
      isVisible: true,
      isOnline: true,
      isGone: false,
      eagerUntil: -Infinity,
      lastWakeAt: -Infinity,
      awayMs: 0,
    },
    last: { wallMs: now.wallMs, elapsedMs: now.elapsedMs },
    timerMs: null,
  };
}

/**
 * What a fact changes, and what has to be done about it. Nothing happens here: the caller carries out the effects, in
 * order.
 *
 * First the clocks are compared, then the event is taken in, then everything that is due is pursued. So no path can
 * forget to arm a timer or to ask for a token.
 */
export function transition(state: State, event: Event, now: Moment): [State, Effect[]] {
  if (state.link.at.name === 'stopped' && state.link.at.reason === 'destroyed') return [state, []];
  const d: Draft = {
    now,
    effects: [],
    state: { ...state, session: { ...state.session }, link: { ...state.link }, page: { ...state.page } },
  };
  const { session, link } = d.state;
  followWall(d);
  lapse(d);
  const gapMs = gapAt(state, now.wallMs, now.elapsedMs);
  countAway(d);
  // What was heard before this moment answers no ping that leaves in it.
  if (event.type === 'time.passed' && event.heard) hear(d);
  if (gapMs > 0) wake(d, gapMs, false);

  take(d, event);
  pursueLeaving(d);

  if (session.user !== state.session.user) {
    // A judged socket is left to the server for a moment, but not beyond its user.
    if (link.parting) d.effects.push({ type: 'close', id: link.parting.id });
    link.parting = null;
    if (isActive(link)) changeUser(d);
  }
  if (
    session.standing.name === 'mismatched' &&
    state.session.standing.name !== 'mismatched' &&
    isActive(link)
  ) {
    halt(d, { name: 'down', dial: { name: 'tokenless' } });
  }
  pursueSession(d, isActive(link));
  pursueLive(d, event.type === 'time.passed');
  pursueExchange(d);
  pursueDial(d);
  // A dead link or a refused token that was found just now may need the source at once.
  pursueSession(d, isActive(link));

  const wasAsked = hasTurn(state) || d.effects.some(({ type }) => type === 'request-turn');
  if (wasAsked && !hasTurn(d.state)) d.effects.push({ type: 'end-turn' });

  d.state.last = { wallMs: now.wallMs, elapsedMs: now.elapsedMs };
  d.state.timerMs = timerOf(d.state, now);
  return [d.state, d.effects];
}

/** Siblings may be waiting for this tab. */
function hasTurn({ session: { call } }: State): boolean {
  return call.name === 'calling' && call.hasTurn;
}

/** Visible, awake time without a link adds up until the user is told; no awake time is longer than the timer. */
function countAway({ state: { page, settings, link, last, timerMs }, now }: Draft): void {
  if (!page.isVisible || !settings.hasUrl || link.at.name !== 'down' || timerMs === null) return;
  page.awayMs += Math.max(0, Math.min(now.elapsedMs - last.elapsedMs, timerMs));
}

/** The session ended or belongs to somebody else: no socket of the former user stays. */
function changeUser(d: Draft): void {
  if (hasEnded(d.state.session)) return stop(d, 'signed-out');
  halt(d, { name: 'idle' });
  start(d, 'asked');
}

function take(d: Draft, event: Event): void {
  const { session, link, page } = d.state;
  switch (event.type) {
    case 'link.wanted':
      link.isWanted = true;
      page.isVisible = event.isVisible;
      page.isOnline = event.isOnline;
      if (!isActive(link)) rejoin(d, 'asked');
      return askAfresh(d);
    case 'link.unwanted':
      link.isWanted = false;
      page.isGone = false;
      // There is no channel to hear the end of a sibling's sign-out on; whoever connects again asks.
      if (session.leaving?.by === 'other-tab') session.leaving = null;
      // Nobody is left to wait for an answer; one that comes all the same may still be used.
      if (!event.isFinal) dropCall(d);
      if (link.at.name === 'stopped' && link.at.reason === 'signed-out') return;
      return halt(d, event.isFinal ? { name: 'stopped', reason: 'disconnected' } : { name: 'idle' });
    case 'link.renewalAsked':
      link.isWanted = true;
      page.eagerUntil = d.now.elapsedMs + EAGER_MS;
      if (!isActive(link)) rejoin(d, 'asked');
      else if (liveOf(link)) replace(d, 'asked');
      else {
        const dial = dialOf(link);
        if (dial?.name === 'waiting' && !dial.isFirm) schedule(d, 'asked');
      }
      return askAfresh(d);
    case 'link.restarted':
      // Another URL, another server.
      link.notBefore = -Infinity;
      if (!link.isWanted || link.at.name === 'suspended') return;
      halt(d, { name: 'idle' });
      return start(d, 'asked');
    case 'client.destroyed':
      dropCall(d);
      session.leaving = null;
      link.isWanted = false;
      page.isGone = false;
      d.effects.push({ type: 'drop-queue', why: 'destroyed' });
      return stop(d, 'destroyed');
    case 'settings.changed':
      d.state.settings = event.settings;
      return;
    case 'client.misconfigured':
      return stop(d, 'misconfigured');

    case 'token.wanted':
      return ask(d, 'manual', event.force, event.minValidityMs);
    case 'token.granted':
      return granted(d, event.call, event.facts, event.askedAt);
    case 'token.unavailable':
      return event.call === session.lastCall ? callFailed(d, event.retryAfterMs) : undefined;
    case 'token.denied':
      if (event.call <= session.formerCall || event.call < session.grantedCall) return;
      // A sibling got a token meanwhile: what this call used up had been replaced. Or a sibling is signing out: it says
      // itself that it has done so, and until then this is about its logout call.
      if (event.call === session.grantedCall || session.leaving?.by === 'other-tab')
        return event.call === session.lastCall ? callFailed(d) : undefined;
      if (session.leaving) return;
      return endSession(d, event.reason, 'token-source');
    case 'source.changed':
      if (session.standing.name === 'mismatched') session.standing = { name: 'unknown' };
      return ask(d, 'changed', false);
    case 'turn.granted':
      return turnGranted(d, event.turn);
    case 'turn.denied':
      return turnDenied(d, event.turn);
    case 'siblings.absent':
      return nobodyAnswers(d);
    case 'sibling.asked':
      return siblingAsked(d, event.generation, event.since);
    case 'sibling.shared':
      return shared(d, event.facts);
    case 'sibling.renewed':
      return renewed(d, event.generation);
    case 'sibling.leaving':
      return siblingLeaving(d, event.at);
    case 'sibling.left':
      return siblingLeft(d, event.reason, event.at);
    case 'session.keyChanged':
      changeKey(d, event.key);
      return link.isWanted ? start(d, 'asked') : undefined;
    case 'session.replaced':
      replaceUser(d);
      return link.isWanted ? start(d, 'asked') : undefined;
    case 'session.leaving':
      if (hasEnded(session)) return;
      session.leaving = { by: 'this-tab' };
      d.effects.push({ type: 'tell-siblings', what: 'leaving', reason: '', at: d.now.wallMs });
      return;
    case 'session.left':
      session.leaving = null;
      return endSession(d, event.reason, event.by);
    case 'session.retried':
      if (session.standing.name === 'signed-out') {
        session.standing = { name: 'unknown' };
        session.startedAt = d.now.wallMs;
        if (link.isWanted) {
          link.at = { name: 'idle' };
          start(d, 'asked');
        } else ask(d, 'initial', false);
      }
      return askAfresh(d);

    case 'dial.prepared':
      return dialPrepared(d, event.id, event.traits);
    case 'dial.unavailable':
      return dialUnavailable(d, event.id, event.retryAfterMs);
    case 'dial.rejected':
      return dialRejected(d, event.id);
    case 'dial.denied':
      return dialDenied(d, event.id, event.reason);
    case 'dial.misconfigured':
      return dialMisconfigured(d, event.id);
    case 'socket.opened':
      return socketOpened(d, event.id);
    case 'link.ready':
      return becomeOpen(d, event.id, event.expiresInMs);
    case 'token.acked':
      return acked(d, event.id, event.refreshId, event.expiresInMs);
    case 'token.nacked':
      return nacked(d, event.id, event.refreshId, event.verdict);
    case 'token.expiring':
      return liveOf(link)?.id === event.id ? hurry(d) : undefined;
    case 'link.judged':
      return part(d, event.id, event.verdict, event.retryAfterMs);
    case 'socket.closed':
      return closed(d, event);

    case 'page.signalled':
      page.isVisible = event.isVisible;
      page.isOnline = event.isOnline;
      return signalled(d, event.signal);
    case 'time.passed':
      page.isVisible = event.isVisible;
      page.isOnline = event.isOnline;
      return;
    default:
      assertNever(event);
  }
}

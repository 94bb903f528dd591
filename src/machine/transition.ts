import { pursueDial } from './dial';
import type { Effect } from './effect';
import type { Event } from './event';
import { pursueExchange } from './exchange';
import { hear, pursueLive } from './keepAlive';
import { halt, isActive, newLink, start, stop } from './link';
import { hasEnded, newSession } from './session';
import type { Settings } from './settings';
import { pursueLeaving } from './sibling';
import type { Draft, Moment, State } from './state';
import { takeIn } from './takeIn';
import { timerOf } from './timer';
import { lapse, pursueSession } from './tokenCall';
import { followWall, gapAt, wake } from './wake';

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
  const gapMs = gapAt(state, now.wallMs, now.elapsedMs);
  followWall(d);
  lapse(d, gapMs > 0);
  countAway(d);
  // What was heard before this moment answers no ping that leaves in it.
  if (event.type === 'time.passed' && event.heard) hear(d);
  if (gapMs > 0) wake(d, gapMs, false);

  takeIn(d, event);
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

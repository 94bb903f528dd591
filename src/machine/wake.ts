import { askAfresh } from './tokenCall';
import { hasten, probe } from './keepAlive';
import { dialOf, halt, liveOf, start } from './link';
import type { LifecycleSignal } from './event';
import { tabMode, usable } from './session';
import type { Draft, State } from './state';

/** A forward jump of the wall clock over this is a wake. A hidden page's timers come once a minute. */
const VISIBLE_GAP_MS = 5_000;
const HIDDEN_GAP_MS = 90_000;

/** The wall clock is compared this often, so that a sleep without any event is noticed. */
const VISIBLE_WATCH_MS = 2_000;
const HIDDEN_WATCH_MS = 30_000;

/** visibilitychange, focus, pageshow and resume come in one flock; they are one wake. */
const FLOCK_MS = 1_000;

/** What the channel kept for a frozen tab, and the answers of siblings, come within this time. */
const CATCH_UP_MS = 100;

/** After a wake the network may need some seconds, and the user is looking. */
export const EAGER_MS = 60_000;

export function watchMs({ isVisible }: { isVisible: boolean }): number {
  return isVisible ? VISIBLE_WATCH_MS : HIDDEN_WATCH_MS;
}

/** How far the wall clock ran ahead of what the timer explains, in ms; 0: nothing to speak of. */
export function gapAt({ last, timerMs, page }: State, wallMs: number, elapsedMs: number): number {
  if (timerMs === null) return 0;
  const jump = wallMs - last.wallMs - Math.min(elapsedMs - last.elapsedMs, timerMs);
  return jump > (page.isVisible ? VISIBLE_GAP_MS : HIDDEN_GAP_MS) ? jump : 0;
}

/** The page is back, or somebody looks, or the network returned: make sure of everything, once. */
export function wake(d: Draft, gapMs: number, isNetwork: boolean): void {
  const { page, link } = d.state;
  const { elapsedMs } = d.now;
  if (link.at.name === 'suspended') rejoin(d, 'woken');
  const isFlock = elapsedMs - page.lastWakeAt < FLOCK_MS;
  if (isFlock && gapMs === 0 && !isNetwork) return;
  page.lastWakeAt = elapsedMs;
  page.eagerUntil = elapsedMs + EAGER_MS;
  if (!dialOf(link) && !liveOf(link)) return;
  askAfresh(d);
  probe(d, gapMs);
  hasten(d, isNetwork);
}

/** Back from being frozen, left or let go. What siblings did meanwhile comes before any dial: they may have signed out. */
export function rejoin(d: Draft, cause: 'asked' | 'woken'): void {
  const { session } = d.state;
  // A token that was rendered into the page is from now; whoever has none asks anyway.
  const wasAway = cause === 'woken' || (usable(session) !== null && session.grantedCall !== 0);
  if (tabMode(d.state) === 'separate' || !wasAway) return start(d, cause);
  const { generation, startedAt } = session;
  d.effects.push({ type: 'ask-siblings', generation, since: startedAt });
  start(d, cause, CATCH_UP_MS);
}

/** What a signal of the page means. */
export function signalled(d: Draft, signal: LifecycleSignal): void {
  const { page } = d.state;
  // A page that is restored hears `resume` first, and asks its siblings then.
  if (signal === 'left') page.isGone = true;
  if (signal === 'returned' || signal === 'resumed' || signal === 'shown') page.isGone = false;
  switch (signal) {
    case 'hidden':
      return;
    case 'offline':
      return probe(d, 0);
    case 'frozen':
    case 'left':
      return suspend(d);
    case 'shown':
    case 'focused':
    case 'online':
    case 'resumed':
    case 'returned':
      return wake(d, 0, signal === 'online');
  }
}

/** Frozen or left: a socket would not survive, and its server would learn of that late. */
function suspend(d: Draft): void {
  const { link } = d.state;
  if (link.isWanted && link.at.name !== 'stopped') halt(d, { name: 'suspended' }, 'close');
}

/** The wall clock was set back: what was counted on it moves along. That is no wake. */
export function followWall(d: Draft): void {
  const { session, last } = d.state;
  const drift = d.now.wallMs - last.wallMs - (d.now.elapsedMs - last.elapsedMs);
  if (drift > -VISIBLE_WATCH_MS) return;
  session.startedAt += drift;
  if (session.skewMs !== null) session.skewMs += drift;
  if (session.standing.name !== 'held') return;
  const { credential } = session.standing;
  const { expiresAt, refreshAt } = credential;
  session.standing = {
    name: 'held',
    credential: {
      ...credential,
      expiresAt: expiresAt === null ? null : expiresAt + drift,
      refreshAt: refreshAt === null ? null : refreshAt + drift,
    },
  };
}

import { budgetOpensAt, dialWait, recent, type WaitCause } from './backoff';
import type { Deadline } from './deadline';
import type { Traits } from './event';
import type { Pulse } from './liveness';
import { hasEnded } from './session';
import type { Draft } from './state';
import type { Verdict } from './verdict';

/** Why a link does not come back by itself. */
export type StopReason =
  'disconnected' | 'signed-out' | 'forbidden' | 'protocol' | 'taken-over' | 'misconfigured' | 'destroyed';

/** An attempt at a link, on its way to become one. */
export type Dial =
  /** `at` in elapsed ms; `isFirm`: the server named the time, nothing brings it forward. */
  | { name: 'waiting'; at: number; retryAt: number; isFirm: boolean; waitingFor: 'backoff' | 'online' }
  /** Its time has come, but there is no token to dial with. */
  | { name: 'tokenless' }
  | { name: 'preparing'; id: number; token: number | null; deadline: Deadline }
  | { name: 'connecting'; id: number; token: number | null; deadline: Deadline; traits: Traits }
  | {
      name: 'authenticating';
      id: number;
      token: number | null;
      deadline: Deadline;
      traits: Traits;
      helloAt: number;
    };

/** A token on its way to the server over the open link. */
export type Exchange =
  | {
      name: 'sent';
      token: number;
      refreshId: number;
      tries: number;
      /** null: no answer came, a new link is on its way with the token. */
      deadline: Deadline | null;
      sentAt: number;
    }
  /** The server asked us to try again later. */
  | { name: 'waiting'; at: number; tries: number };

export interface Live {
  id: number;
  /** The token that the server knows us by on this link. */
  token: number | null;
  traits: Traits;
  openedAt: number;
  isStable: boolean;
  pulse: Pulse;
  exchange: Exchange | null;
  lastRefreshId: number;
}

/**
 * ```
 * idle --> down(dial: waiting -> tokenless -> preparing -> connecting -> authenticating) --> open(live, dial?)
 *             ^------------------------------- lost -------------------------------------------'
 * suspended: the page is frozen or left.   stopped: somebody has to start it again.
 * ```
 * `open` with a dial: a replacement is on its way, and the old link lives until that is ready.
 */
export type Standpoint =
  | { name: 'idle' }
  | { name: 'suspended' }
  | { name: 'stopped'; reason: StopReason }
  | { name: 'down'; dial: Dial }
  | { name: 'open'; live: Live; dial: Dial | null };

export interface Link {
  at: Standpoint;
  /** The application wants a link: `connect()` without a `disconnect()`. */
  isWanted: boolean;
  /** The number of the newest dial. */
  lastId: number;
  /** Links that became ready. */
  connection: number;
  /** Failures in a row, until a link is stable. */
  attempt: number;
  /** Dials in a row that ended before the server let us in. */
  refusedDials: number;
  /** An unexplained close made us ask for another token; not again until a link is stable. */
  isDoubted: boolean;
  /** The ticket source said that the session is over; it is asked once more. */
  isDenied: boolean;
  /** The ticket source refused a token; the next one is its last word for now. */
  isRejected: boolean;
  /** Starts of the dials of the last minute. */
  dials: readonly number[];
  /** The server asked for rest: no dial before this elapsed ms. */
  notBefore: number;
  /** When the last link was lost, epoch ms. */
  lostAt: number | null;
  lastClose: { code: number; reason: string; verdict: Verdict } | null;
  /** A judged link whose close has not come yet. */
  parting: { id: number; verdict: Verdict } | null;
}

export function newLink(): Link {
  return {
    at: { name: 'idle' },
    isWanted: false,
    lastId: 0,
    connection: 0,
    attempt: 0,
    refusedDials: 0,
    isDoubted: false,
    isDenied: false,
    isRejected: false,
    dials: [],
    notBefore: -Infinity,
    lostAt: null,
    lastClose: null,
    parting: null,
  };
}

/** The dial under way, be it the first or a replacement. */
export function dialOf({ at }: Link): Dial | null {
  return at.name === 'down' || at.name === 'open' ? at.dial : null;
}

export function liveOf({ at }: Link): Live | null {
  return at.name === 'open' ? at.live : null;
}

/** Is the link being kept up, with timers and token calls? */
export function isActive({ at }: Link): boolean {
  return at.name === 'down' || at.name === 'open';
}

export function setDial({ state: { link } }: Draft, dial: Dial): void {
  link.at = link.at.name === 'open' ? { ...link.at, dial } : { name: 'down', dial };
}

export function setLive({ state: { link } }: Draft, change: Partial<Live>): void {
  if (link.at.name === 'open') link.at = { ...link.at, live: { ...link.at.live, ...change } };
}

interface Wait {
  /** The time that the server named. */
  namedMs?: number | undefined;
  /** It was due before, and noticed late. */
  isLate?: boolean | undefined;
  leastMs?: number;
}

/** Puts the next dial into the future, as far as its cause says. */
export function schedule(d: Draft, cause: WaitCause, { namedMs, isLate, leastMs = 0 }: Wait = {}): void {
  const { link, page, settings } = d.state;
  const { elapsedMs, wallMs, random } = d.now;
  const isEager = elapsedMs < page.eagerUntil;
  const facts = { ...page, attempt: link.attempt, random, isEager, namedMs };
  const wait = Math.max(leastMs, isLate ? 0 : dialWait(cause, facts, settings));
  link.dials = recent(link.dials, elapsedMs);
  if (cause === 'limit' || namedMs !== undefined) link.notBefore = Math.max(link.notBefore, elapsedMs + wait);
  const at = Math.max(elapsedMs + wait, budgetOpensAt(link.dials), link.notBefore);
  setDial(d, {
    name: 'waiting',
    at,
    retryAt: wallMs + at - elapsedMs,
    isFirm: elapsedMs < link.notBefore,
    waitingFor: cause === 'failed' && !page.isOnline ? 'online' : 'backoff',
  });
}

/** Begins, or goes on: `connect()`, the page is back. */
export function start(d: Draft, cause: WaitCause, leastMs = 0): void {
  const { link, page, session, settings } = d.state;
  page.awayMs = 0;
  if (session.leaving) {
    // What comes of a sibling's sign-out decides.
    if (link.at.name === 'suspended') link.at = { name: 'idle' };
    return;
  }
  if (hasEnded(session)) stop(d, 'signed-out');
  else if (!isActive(link)) {
    if (settings.hasUrl) schedule(d, cause, { leastMs });
    else link.at = { name: 'down', dial: { name: 'tokenless' } };
  }
}

/** Ends every socket of ours. `how`: politely, or at once because the page is going. */
export function halt(d: Draft, at: Standpoint, how: 'release' | 'close' = 'release'): void {
  const { link } = d.state;
  dropDial(d, how);
  const live = liveOf(link);
  if (live) {
    link.lostAt = d.now.wallMs;
    d.effects.push({ type: 'close', id: live.id });
  }
  link.at = at;
}

export function stop(d: Draft, reason: StopReason): void {
  halt(d, { name: 'stopped', reason });
}

/** Lets go of the dial under way. While CONNECTING its socket is closed when it opens or at its deadline. */
export function dropDial(d: Draft, how: 'release' | 'close' = 'release'): void {
  const { link } = d.state;
  const dial = dialOf(link);
  if (dial && 'id' in dial && link.parting?.id !== dial.id) {
    const withinMs = Math.max(0, dial.deadline.at - d.now.elapsedMs);
    d.effects.push(
      how === 'close' ? { type: 'close', id: dial.id } : { type: 'release', id: dial.id, withinMs },
    );
  }
  if (link.at.name === 'open') link.at = { ...link.at, dial: null };
}

/** How far that socket has come. */
export function phaseOf(link: Link, id: number): 'dialing' | 'authenticating' | 'open' {
  if (liveOf(link)?.id === id) return 'open';
  return dialOf(link)?.name === 'authenticating' ? 'authenticating' : 'dialing';
}

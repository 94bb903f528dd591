import { recent } from './backoff';
import { deadlineIn, stillOpen } from './deadline';
import type { Traits } from './event';
import { dialOf, liveOf, setDial, stop } from './link';
import { nextPulse } from './liveness';
import { dialFailed } from './loss';
import { endSession, extend, letIn, mayDial, usable } from './session';
import { ask, refuse } from './tokenCall';
import type { Draft } from './state';

/** Where to dial is known: open the socket. */
export function dialPrepared(d: Draft, id: number, traits: Traits): void {
  const dial = preparing(d, id);
  if (!dial) return;
  const deadline = deadlineIn(d.now.elapsedMs, d.state.settings.dialMs);
  setDial(d, { name: 'connecting', id, token: dial.token, traits, deadline });
  d.effects.push({ type: 'open-socket', id });
}

/** No ticket for now. Never an upgrade without one. */
export function dialUnavailable(d: Draft, id: number, retryAfterMs: number | undefined): void {
  if (preparing(d, id)) dialFailed(d, retryAfterMs === undefined ? 'ambiguous' : 'limit', null, retryAfterMs);
}

/** So many refusals take minutes, and the token in hand may have ended meanwhile: another one is asked for. */
const REFUSALS_PER_TOKEN = 16;

/** The ticket endpoint refused the token or the cookie: one refresh and one more ticket, then "not now". */
export function dialRejected(d: Draft, id: number): void {
  const { link, settings } = d.state;
  const dial = preparing(d, id);
  if (!dial) return;
  if (link.isRejected || !settings.hasSource) {
    dialFailed(d, 'ambiguous', null);
    if (link.refusedDials % REFUSALS_PER_TOKEN === 0) ask(d, 'rejected', true);
    return;
  }
  link.isRejected = true;
  refuse(d, dial.token);
  setDial(d, { name: 'tokenless' });
}

/** The ticket endpoint says that the session is over. The token source decides; without one, its second word counts. */
export function dialDenied(d: Draft, id: number, reason: string): void {
  const { link, settings } = d.state;
  const dial = preparing(d, id);
  if (!dial) return;
  if (settings.hasSource) return dialFailed(d, 'revoked', null);
  if (link.isDenied) return endSession(d, reason, 'token-source');
  link.isDenied = true;
  setDial(d, { name: 'tokenless' });
}

export function dialMisconfigured(d: Draft, id: number): void {
  const dial = dialOf(d.state.link);
  if (dial && 'id' in dial && dial.id === id) stop(d, 'misconfigured');
}

function preparing({ state: { link } }: Draft, id: number) {
  const dial = dialOf(link);
  return dial?.name === 'preparing' && dial.id === id ? dial : null;
}

/** The server let us in: this dial is the link now, and the former one retires. */
export function becomeOpen(d: Draft, id: number, expiresInMs?: number): void {
  const { link, session, settings, page } = d.state;
  const { elapsedMs, wallMs } = d.now;
  const dial = dialOf(link);
  if (dial?.name !== 'authenticating' || dial.id !== id) return;
  const former = liveOf(link);
  const { token, traits } = dial;
  link.at = {
    name: 'open',
    dial: null,
    live: {
      id,
      token,
      traits,
      openedAt: elapsedMs,
      isStable: false,
      pulse: nextPulse(settings, traits, elapsedMs),
      exchange: null,
      lastRefreshId: 0,
    },
  };
  link.connection++;
  link.refusedDials = 0;
  link.isDenied = false;
  link.isRejected = false;
  page.awayMs = 0;
  letIn(d);
  if (expiresInMs !== undefined) extend(d, token, expiresInMs, dial.helloAt);
  const gapMs = former ? 0 : link.lostAt === null ? null : Math.max(0, wallMs - link.lostAt);
  d.effects.push({ type: 'announce-link', id, connection: link.connection, gapMs });
  if (former) d.effects.push({ type: 'close', id: former.id });
  if (session.leaving?.by === 'this-tab') stop(d, 'signed-out');
}

/** The dial's socket opened: introduce ourselves, or be open already. */
export function socketOpened(d: Draft, id: number): void {
  const { link, session, settings } = d.state;
  const dial = dialOf(link);
  if (dial?.name !== 'connecting' || dial.id !== id) return;
  const { traits } = dial;
  let { token } = dial;
  if (traits.hello) {
    // The token of this very moment: the one the dial began with may have been replaced meanwhile.
    const held = usable(session);
    if (!held && settings.hasSource) {
      d.effects.push({ type: 'close', id });
      return setDial(d, { name: 'tokenless' });
    }
    token = held?.isBearer ? held.id : null;
    d.effects.push({ type: 'send-hello', id, token });
  }
  const deadline = deadlineIn(d.now.elapsedMs, settings.readyMs);
  setDial(d, { name: 'authenticating', id, traits, token, deadline, helloAt: d.now.wallMs });
  if (!traits.waitsForReady) becomeOpen(d, id);
}

/** Does what time demands of the dial under way. */
export function pursueDial(d: Draft): void {
  const { link, session, settings } = d.state;
  const { elapsedMs } = d.now;
  const dial = dialOf(link);
  switch (dial?.name) {
    case undefined:
      return;
    case 'waiting':
    case 'tokenless': {
      if (!settings.hasUrl || (dial.name === 'waiting' && elapsedMs < dial.at)) return;
      if (!mayDial(d.state)) return setDial(d, { name: 'tokenless' });
      const held = usable(session);
      const token = held?.isBearer ? held.id : null;
      link.lastId++;
      link.dials = [...recent(link.dials, elapsedMs), elapsedMs];
      const deadline = deadlineIn(elapsedMs, settings.tokenMs);
      setDial(d, { name: 'preparing', id: link.lastId, token, deadline });
      d.effects.push({ type: 'prepare-dial', id: link.lastId, token });
      return;
    }
    case 'preparing':
    case 'connecting':
    case 'authenticating': {
      const deadline = stillOpen(dial.deadline, elapsedMs);
      if (deadline) return deadline === dial.deadline ? undefined : setDial(d, { ...dial, deadline });
      d.effects.push({ type: 'close', id: dial.id });
      dialFailed(d, 'ambiguous', null);
    }
  }
}

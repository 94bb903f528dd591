import { dialWait } from './backoff';
import { deadlineIn, stillOpen } from './deadline';
import { dialOf, liveOf, schedule, setLive } from './link';
import { part } from './loss';
import { extend, usable } from './session';
import { refuse } from './tokenCall';
import type { Draft } from './state';
import type { Verdict } from './verdict';

/** The token in hand is not the one the server knows: present it in band, or over a new link. */
export function pursueExchange(d: Draft): void {
  const { link, session, settings } = d.state;
  const { elapsedMs, wallMs } = d.now;
  const live = liveOf(link);
  const held = usable(session);
  if (!live || session.leaving) return;
  if (!held?.isBearer || held.id === live.token || live.token === null) {
    // An answer about a token that is no longer in hand is awaited by nobody.
    if (live.exchange && (live.exchange.name === 'waiting' || !held)) setLive(d, { exchange: null });
    return;
  }
  if (!live.traits.refreshes) return carryOver(d);
  const { exchange } = live;
  let tries = 0;
  if (exchange?.name === 'waiting') {
    if (elapsedMs < exchange.at) return;
    tries = exchange.tries;
  } else if (exchange?.name === 'sent' && exchange.token === held.id) {
    const deadline = exchange.deadline && stillOpen(exchange.deadline, elapsedMs);
    if (deadline !== exchange.deadline) setLive(d, { exchange: { ...exchange, deadline } });
    if (deadline) return;
    // One more try, then a new link with the new token; this one lives until that is ready.
    if (exchange.tries >= 2) return carryOver(d);
    tries = exchange.tries;
  }
  const refreshId = live.lastRefreshId + 1;
  d.effects.push({ type: 'send-refresh', id: live.id, token: held.id, refreshId });
  setLive(d, {
    lastRefreshId: refreshId,
    exchange: {
      name: 'sent',
      token: held.id,
      refreshId,
      tries: tries + 1,
      deadline: deadlineIn(elapsedMs, settings.ackMs),
      sentAt: wallMs,
    },
  });
}

/** The new token goes over a new link. One that is on its way already carries it, in its own time. */
function carryOver(d: Draft): void {
  if (!dialOf(d.state.link)) schedule(d, 'asked');
}

/** The server took the new token. */
export function acked(
  d: Draft,
  id: number,
  refreshId: number | undefined,
  expiresInMs: number | undefined,
): void {
  const exchange = exchangeOf(d, id, refreshId);
  if (!exchange) return;
  setLive(d, { token: exchange.token, exchange: null });
  d.state.session.refusals = 0;
  if (expiresInMs !== undefined) extend(d, exchange.token, expiresInMs, exchange.sentAt);
}

/** The server did not take the new token; the link goes on with the old one. */
export function nacked(d: Draft, id: number, refreshId: number | undefined, verdict: Verdict): void {
  const exchange = exchangeOf(d, id, refreshId);
  if (!exchange) {
    // On an open link an answer to nothing we asked says nothing, unless it is about the link itself.
    const isLate = liveOf(d.state.link)?.id === id && (refreshId !== undefined || isPassing(verdict));
    return isLate ? undefined : part(d, id, verdict);
  }
  const { settings } = d.state;
  switch (verdict) {
    case 'expired':
    case 'revoked':
      setLive(d, { exchange: null });
      return refuse(d, exchange.token);
    case 'limit':
    case 'ambiguous':
    case 'going-away': {
      const facts = { ...d.state.page, attempt: exchange.tries, random: d.now.random, isEager: false };
      const wait = dialWait('failed', { ...facts, namedMs: undefined }, settings);
      return setLive(d, { exchange: { name: 'waiting', at: d.now.elapsedMs + wait, tries: exchange.tries } });
    }
    case 'forbidden':
    case 'protocol':
    case 'taken-over':
      return part(d, id, verdict);
  }
}

/** Worth another try later. */
function isPassing(verdict: Verdict): boolean {
  return verdict === 'limit' || verdict === 'ambiguous' || verdict === 'going-away';
}

function exchangeOf({ state: { link } }: Draft, id: number, refreshId: number | undefined) {
  const live = liveOf(link);
  const exchange = live?.id === id ? live.exchange : null;
  if (exchange?.name !== 'sent') return null;
  return refreshId === undefined || refreshId === exchange.refreshId ? exchange : null;
}

import { dialOf, isActive, liveOf } from './link';
import { usable } from './session';
import type { Moment, State } from './state';
import { watchMs } from './wake';

/**
 * In how many ms something is due, or null.
 *
 * One timer serves everything: it never sleeps longer than the watch on the wall clock, so no delay comes near 2^31 ms
 * and a stopped process is noticed. Whole ms, so that what a rounding leaves over is no timer of its own.
 */
export function timerOf(state: State, { wallMs, elapsedMs }: Moment): number | null {
  const { session, link, settings, page } = state;
  const { call } = session;
  const dues: number[] = [];
  if (session.leaving?.by === 'other-tab') dues.push(session.leaving.until - elapsedMs);
  if (call.name === 'calling') dues.push(call.deadline.at - elapsedMs);
  if (isActive(link)) {
    dues.push(watchMs(page));
    if (call.name === 'waiting') dues.push(call.at - elapsedMs);
    const held = usable(session);
    // What is past and still here is already being dealt with: a call is under way or waiting.
    for (const at of [held?.expiresAt, held?.refreshAt]) if (at && at > wallMs) dues.push(at - wallMs);
    const dial = dialOf(link);
    if (dial?.name === 'waiting') dues.push(dial.at - elapsedMs);
    else if (dial && 'deadline' in dial) dues.push(dial.deadline.at - elapsedMs);
    if (settings.hasUrl && link.at.name === 'down' && page.isVisible && page.awayMs < settings.lostAfterMs) {
      dues.push(settings.lostAfterMs - page.awayMs);
    }
    const live = liveOf(link);
    if (live) {
      if (!live.isStable) dues.push(live.openedAt + settings.stableAfterMs - elapsedMs);
      if (live.pulse.at !== null) dues.push(live.pulse.at - elapsedMs);
      const { exchange } = live;
      const exchangeAt = exchange?.name === 'sent' ? exchange.deadline?.at : exchange?.at;
      if (exchangeAt !== undefined && !session.leaving) dues.push(exchangeAt - elapsedMs);
    }
  }
  return dues.length === 0 ? null : Math.max(0, Math.ceil(Math.min(...dues)));
}

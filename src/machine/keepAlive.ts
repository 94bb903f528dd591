import type { WaitCause } from './backoff';
import { dialOf, liveOf, schedule, setLive } from './link';
import { examine, isThrottled, nextPulse, type Pulse } from './liveness';
import { linkLost } from './loss';
import type { Draft } from './state';

/** An open link that may be dead is asked; one that cannot be asked is replaced after a long gap. */
export function probe(d: Draft, gapMs: number): void {
  const { link, settings } = d.state;
  const live = liveOf(link);
  if (!live) return;
  const { pings, answersPing } = live.traits;
  if (settings.heartbeatMs !== null && pings && answersPing) {
    // A focus while the answer is awaited gains nothing; after a sleep an answer from before it counts for nothing.
    if (gapMs === 0 && live.pulse.name === 'asked' && live.pulse.isProbe) return;
    return ping(d, true, false);
  }
  // What the server said meanwhile is still on its way: it gets its time once more, in full.
  if (gapMs > 0 && live.pulse.name === 'asked') {
    setLive(d, { pulse: nextPulse(settings, live.traits, d.now.elapsedMs) });
  }
  if (gapMs > (settings.heartbeatMs ?? 25_000)) replace(d, 'woken');
}

/** A new link, opened before this one is retired. */
export function replace(d: Draft, cause: WaitCause): void {
  const dial = dialOf(d.state.link);
  if (dial === null || dial.name === 'waiting') schedule(d, cause);
}

/** Brings a dial that waits forward, as a wake does. A time that the server named stays. */
export function hasten(d: Draft, isNetwork = false): void {
  const { link } = d.state;
  const dial = dialOf(link);
  // Asked for before the network was back: such a ticket may never come.
  if (isNetwork && dial?.name === 'preparing') {
    d.effects.push({ type: 'close', id: dial.id });
    return schedule(d, 'woken');
  }
  if (dial?.name !== 'waiting' || dial.isFirm || dial.at <= d.now.elapsedMs + 500) return;
  schedule(d, 'woken');
}

function ping(d: Draft, isProbe: boolean, isLate: boolean): void {
  const { settings, link } = d.state;
  const live = liveOf(link);
  if (!live) return;
  const { elapsedMs } = d.now;
  const { pings, answersPing } = live.traits;
  if (pings) d.effects.push({ type: 'send-ping', id: live.id });
  const within = isProbe ? settings.probeMs : settings.pongMs;
  // Where only the server pings, a deadline that was noticed late is given once more in full.
  const pulse: Pulse =
    pings && answersPing
      ? { name: 'asked', at: elapsedMs + within, isProbe, isThrottled: isLate }
      : nextPulse(settings, live.traits, elapsedMs, isLate);
  setLive(d, { pulse });
}

/** A frame came since the last ping left: it is answered, and so is every question about the link's life. */
export function hear(d: Draft): void {
  const { link, page, settings } = d.state;
  const { elapsedMs } = d.now;
  const live = liveOf(link);
  if (live?.pulse.name !== 'asked') return;
  const isLate = isThrottled(elapsedMs - live.pulse.at, page.isVisible);
  setLive(d, { pulse: nextPulse(settings, live.traits, elapsedMs, isLate) });
}

/** Does what time demands of the open link: stability and pulse. Only the timer knows what was heard, so it judges. */
export function pursueLive(d: Draft, isTimer: boolean): void {
  const { link, settings, page, session } = d.state;
  const { elapsedMs } = d.now;
  const live = liveOf(link);
  if (!live) return;
  if (!live.isStable && elapsedMs - live.openedAt >= settings.stableAfterMs) {
    setLive(d, { isStable: true });
    link.attempt = 0;
    link.isDoubted = false;
    session.refusals = 0;
  }
  if (!isTimer) return;
  const { pulse } = live;
  const isLate = pulse.at !== null && isThrottled(elapsedMs - pulse.at, page.isVisible);
  switch (examine(pulse, elapsedMs, page.isVisible)) {
    case 'fine':
      return;
    case 'ping':
      return ping(d, false, isLate);
    case 'probe':
      return ping(d, true, isLate);
    case 'dead':
      d.effects.push({ type: 'close', id: live.id });
      link.lastClose = {
        code: 1006,
        reason: live.traits.pings ? 'no answer to a ping' : 'the server fell silent',
        verdict: 'ambiguous',
      };
      linkLost(d, 'ambiguous', null, undefined, isLate);
      if (pulse.name === 'asked' && pulse.isProbe) hasten(d);
  }
}

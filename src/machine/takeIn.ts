import { assertNever } from './assertNever';
import {
  becomeOpen,
  dialDenied,
  dialMisconfigured,
  dialPrepared,
  dialRejected,
  dialUnavailable,
  socketOpened,
} from './dial';
import type { Event } from './event';
import { acked, nacked } from './exchange';
import { granted } from './grant';
import { replace } from './keepAlive';
import { dialOf, halt, isActive, liveOf, schedule, start, stop } from './link';
import { closed, part } from './loss';
import { endSession, hasEnded } from './session';
import { renewed, shared, siblingAsked, siblingLeaving, siblingLeft } from './sibling';
import type { Draft } from './state';
import { ask, askAfresh, callFailed, changeKey, dropCall, hurry, replaceUser } from './tokenCall';
import { nobodyAnswers, turnDenied, turnGranted } from './turn';
import { EAGER_MS, rejoin, signalled } from './wake';

/** What one fact changes by itself. What follows from it is pursued afterwards, whatever the fact was. */
export function takeIn(d: Draft, event: Event): void {
  const { session, link, page } = d.state;
  if ('isVisible' in event) {
    page.isVisible = event.isVisible;
    page.isOnline = event.isOnline;
  }
  switch (event.type) {
    case 'link.wanted':
      link.isWanted = true;
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
      return ask(d, 'manual', event.force, { minValidityMs: event.minValidityMs });
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
      return signalled(d, event.signal);
    case 'time.passed':
      return;
    default:
      assertNever(event);
  }
}

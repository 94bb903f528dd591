import type { Event, Traits } from '../machine/event';
import { positiveMs } from '../machine/positiveMs';
import { answerKind, type SignedOut, type Unavailable } from '../machine/tokenAnswer';
import type { SocketProtocol } from '../protocols/protocol';

/**
 * What `prepare` answered, as the machine is told. Anything that is not plainly a URL means "not now", and so does an
 * answer that took longer than it is good for.
 */
export function readDialAnswer(id: number, protocol: SocketProtocol, answer: unknown, ageMs: number): Event {
  switch (answerKind(answer)) {
    case 'token-rejected':
      return { type: 'dial.rejected', id };
    case 'signed-out':
      return { type: 'dial.denied', id, reason: (answer as SignedOut).reason };
    case 'unavailable':
      return { type: 'dial.unavailable', id, retryAfterMs: positiveMs((answer as Unavailable).retryAfterMs) };
    case 'signed-in':
    case undefined:
  }
  const dial = (answer ?? {}) as { url?: unknown; maxAgeMs?: number };
  const isGood = dial.url instanceof URL && ageMs <= (dial.maxAgeMs ?? Infinity);
  return isGood
    ? { type: 'dial.prepared', id, traits: traitsOf(protocol) }
    : { type: 'dial.unavailable', id };
}

function traitsOf(protocol: SocketProtocol): Traits {
  const hello = protocol.hello !== undefined;
  return {
    hello,
    waitsForReady: protocol.waitsForReady ?? hello,
    refreshes: protocol.refresh !== undefined,
    pings: protocol.ping !== undefined,
    answersPing: protocol.answersPing !== false,
    serverPingMs: positiveMs(protocol.serverPingMs) ?? null,
  };
}

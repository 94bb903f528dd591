import { isAuthSocketError } from '../machine/errors';
import type { Event } from '../machine/event';
import type { DialAnswer, SocketProtocol } from '../protocols/protocol';
import { readDialAnswer } from './dialAnswer';
import { refuseTokenIn, secretsOf } from './urlSecrets';

export type DialTarget = Extract<DialAnswer, { url: URL }>;

/** What came of a preparation: a fact for the machine, with where to dial if that is known; or it can never work. */
export type PreparedDial =
  { event: Event; dial: DialTarget | null; secrets: readonly string[] } | { invalid: unknown };

interface Order {
  id: number;
  protocol: SocketProtocol;
  target: URL;
  token: string | null;
  signal: AbortSignal;
  wallMs(): number;
}

/** The application gave something that cannot work: waiting would not help. */
export function isInvalidOption(cause: unknown): boolean {
  return isAuthSocketError(cause) && cause.code === 'invalid-option';
}

/** Asks the protocol where to dial. Answers once; at once where the protocol has nothing to prepare. */
export function prepareDial(order: Order, answer: (prepared: PreparedDial) => void): void {
  const { id, protocol, target, token, signal, wallMs } = order;
  const askedAt = wallMs();
  const accept = (given: DialAnswer | null) => {
    const event = readDialAnswer(id, protocol, given, wallMs() - askedAt);
    if (event.type !== 'dial.prepared') return answer({ event, dial: null, secrets: [] });
    const dial = given as DialTarget;
    try {
      refuseTokenIn(dial.url, token);
    } catch (invalid) {
      return answer({ invalid });
    }
    answer({ event, dial, secrets: secretsOf(dial, target) });
  };
  const fail = (cause: unknown) => (isInvalidOption(cause) ? answer({ invalid: cause }) : accept(null));
  if (!protocol.prepare) return accept({ url: target });
  try {
    // A copy, so that a protocol that changes it leaves ours alone.
    Promise.resolve(protocol.prepare({ url: new URL(target), token, signal })).then(accept, fail);
  } catch (cause) {
    fail(cause);
  }
}

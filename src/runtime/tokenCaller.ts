import type { Effect } from '../machine/effect';
import { AuthSocketError } from '../machine/errors';
import type { Event } from '../machine/event';
import type { Clock } from './ports';
import type { PlainSource } from './sharedSource';
import { isFreshSource, readAnswer, readFailure, type Reading } from './tokenSource';
import type { TokenVault } from './tokenVault';

type CallEffect = Extract<Effect, { type: 'call-source' }>;

export interface CallerPorts {
  clock: Clock;
  vault: TokenVault;
  source(): PlainSource | undefined;
  /** The number of the token that the source answered last. */
  previous(): number | null;
  dispatch(event: Event): void;
  onError(error: AuthSocketError): void;
}

/** Carries out token calls: one at a time, each with an `AbortSignal`, whatever the source does. */
export interface TokenCaller {
  call(effect: CallEffect): void;
  abort(): void;
  /** Takes in a grant as if call 0 had brought it. */
  seed(answer: unknown): void;
  /** What made the last call fail. */
  readonly lastCause: unknown;
}

export function createTokenCaller(ports: CallerPorts): TokenCaller {
  const { clock, vault, dispatch } = ports;
  let underWay: AbortController | null = null;
  let lastCause: unknown;
  let toldMalformed = false;

  function take(call: number, reading: Reading, askedAt: number, isFresh: boolean): void {
    switch (reading.kind) {
      case 'denied':
        return dispatch({ type: 'token.denied', call, reason: vault.redact(reading.reason) });
      case 'granted': {
        const facts = { ...reading.facts, id: vault.put(reading.grant), isFresh };
        return dispatch({ type: 'token.granted', call, facts, askedAt });
      }
      case 'unavailable':
        lastCause = reading.cause;
        if (reading.isMalformed && !toldMalformed) {
          toldMalformed = true;
          ports.onError(
            new AuthSocketError('malformed-token', 'getToken answered with no token; taken as "not now".'),
          );
        }
        return dispatch({ type: 'token.unavailable', call, retryAfterMs: reading.retryAfterMs });
    }
  }

  return {
    get lastCause() {
      return lastCause;
    },
    seed: answer => take(0, readAnswer(answer), clock.wallMs(), false),
    abort() {
      underWay?.abort(new DOMException('It took too long or is not needed any more.', 'AbortError'));
      underWay = null;
    },
    call({ call, reason, force, attempt, minValidityMs }) {
      const controller = new AbortController();
      underWay = controller;
      const askedAt = clock.wallMs();
      const source = ports.source();
      const settle = (reading: Reading) => {
        if (underWay === controller) underWay = null;
        take(call, reading, askedAt, force || isFreshSource(source));
      };
      try {
        const request = {
          reason,
          forceRefresh: force,
          previous: vault.grant(ports.previous()),
          minValidityMs,
          attempt,
          signal: controller.signal,
        };
        const answer: unknown = source?.getToken(request);
        Promise.resolve(answer).then(
          value => settle(readAnswer(value)),
          (cause: unknown) => settle(readFailure(cause)),
        );
      } catch (cause) {
        settle(readFailure(cause));
      }
    },
  };
}

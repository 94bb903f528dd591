import { AuthSocketError, type AuthSocketErrorCode } from '../machine/errors';
import { hasEnded, usable } from '../machine/session';
import type { Engine } from './engine';
import type { Clock } from './ports';
import type { TokenVault } from './tokenVault';
import type { TokenWaiters } from './tokenWaiters';

export interface TokenAccessPorts {
  engine: Engine;
  clock: Clock;
  vault: TokenVault;
  waiters: TokenWaiters;
  /** What made the last call fail. */
  lastCause(): unknown;
}

export interface GetTokenOptions {
  /** @default 0 */
  minValidityMs?: number;
  forceRefresh?: boolean;
  signal?: AbortSignal;
}

/** The way to the token for those who present it elsewhere. */
export interface TokenAccess {
  get(options?: GetTokenOptions): Promise<string>;
  /** The answer for somebody whose call has ended; throws what `getToken` rejects with. */
  answer(): string;
  /** The token in hand, expired or not; null: none. */
  last(): string | null;
}

export function createTokenAccess({
  engine,
  clock,
  vault,
  waiters,
  lastCause,
}: TokenAccessPorts): TokenAccess {
  /** The token in hand if it lives that much longer; throws if there can be none. */
  function held(minValidityMs: number): string | null {
    const { session, link, settings } = engine.state;
    if (link.at.name === 'stopped' && link.at.reason === 'destroyed')
      throw fail('destroyed', 'The client was destroyed.');
    if (hasEnded(session)) throw fail('signed-out', 'The session has ended; retrySession() asks again.');
    const credential = usable(session);
    if (!settings.hasSource || credential?.isBearer === false) {
      throw fail('no-token', 'The credential is a cookie; there is no token.');
    }
    if (!credential) return null;
    const { expiresAt, id } = credential;
    const lives = expiresAt === null || expiresAt - clock.wallMs() > minValidityMs;
    return lives ? (vault.grant(id)?.token ?? null) : null;
  }

  function answer(): string {
    const token = held(0);
    if (token === null) throw fail('unavailable', 'No token for now; the session goes on.', lastCause());
    return token;
  }

  return {
    answer,
    last() {
      const credential = usable(engine.state.session);
      return credential?.isBearer ? (vault.grant(credential.id)?.token ?? null) : null;
    },
    async get({ minValidityMs = 0, forceRefresh = false, signal } = {}) {
      signal?.throwIfAborted();
      const token = held(forceRefresh ? Infinity : minValidityMs);
      if (token !== null && !forceRefresh) return token;
      const before = engine.state.session.call;
      const joinsNext = forceRefresh && before.name === 'calling' && !before.force;
      engine.dispatch({ type: 'token.wanted', force: forceRefresh, minValidityMs });
      const { call, lastCall } = engine.state.session;
      if (call.name === 'calling') return waiters.wait(joinsNext ? lastCall + 1 : lastCall, answer, signal);
      if (forceRefresh)
        throw fail('unavailable', 'Too many token calls within a minute, or the source named a time.');
      return answer();
    },
  };
}

function fail(code: AuthSocketErrorCode, message: string, cause?: unknown): AuthSocketError {
  return new AuthSocketError(code, message, cause);
}

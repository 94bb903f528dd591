import { isAuthSocketError } from '../machine/errors';
import type { SocketStatus } from '../machine/snapshot';
import { readClaims } from '../protocols/jwtClaims';
import type { AuthSocket } from '../runtime/authSocket';
import { internalsOf } from '../runtime/internals';

/** Takes the session's tokens to a client that owns its socket, plans its own refreshes and takes no "not now". */
export interface TokenCourier {
  /**
   * Pending until there is a token; null: the session is over, or nobody waits any more. Never rejects.
   *
   * A forced call means that the last token is refused or about to end: only another one answers it.
   */
  fetch(isForced: boolean): Promise<string | null>;
  /** Answers null to those who wait. */
  dismiss(): void;
}

interface Delivered {
  token: string;
  /** Epoch ms on this machine's clock. */
  expiresAt: number | null;
  isFresh: boolean;
}

/**
 * Convex takes the life of a token as beginning with its arrival, and asks ten seconds before the end. A younger token
 * than this is asked for in time.
 *
 * @see https://github.com/get-convex/convex-js/blob/main/src/browser/sync/authentication_manager.ts `scheduleTokenRefetch`
 */
const FRESH_MS = 8_000;

/** A source that has nothing new is asked again after this, then twice as long, and so on. */
const MIN_WAIT_MS = 500;
/** Also the watch over a session without a token, which asks its source by itself. */
const MAX_WAIT_MS = 30_000;

// eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
export function createTokenCourier(socket: AuthSocket<any, any>): TokenCourier {
  const { clock } = internalsOf(socket);
  let waiting = new AbortController();
  let last: Delivered | null = null;

  function parcel(token: string): Delivered {
    const { issuedAt, expiresAt: end } = readClaims(token);
    const expiresAt = socket.getStatus().tokenExpiresAt;
    const isKnown = issuedAt !== null && end !== null && expiresAt !== null;
    const ageMs = isKnown ? clock.wallMs() - (expiresAt - (end - issuedAt)) : Infinity;
    return { token, expiresAt, isFresh: ageMs <= FRESH_MS };
  }

  /**
   * Does what is in hand do for a forced call? After the end of the last token an older one does too, so that a wake
   * costs one refresh; but not twice in a row, or each of them would end before the next is asked for.
   */
  function suits({ token, isFresh }: Delivered, former: Delivered | null): boolean {
    if (token === former?.token) return false;
    const hasEnded = former !== null && former.expiresAt !== null && former.expiresAt <= clock.wallMs();
    return isFresh || (hasEnded && former.isFresh);
  }

  /**
   * Most forced calls only come ahead of the end. A source that is asked for a longer life may have such a token by
   * now, and some SDKs lose the good one that they have when a forced refresh fails.
   */
  function longerThan({ expiresAt }: Delivered): number {
    return expiresAt === null ? 0 : expiresAt - clock.wallMs() + 1_000;
  }

  /** Resolves with news of the session's token, after that time, or when nobody waits any more. */
  function news(before: SocketStatus, delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const end = () => {
        cancelTimer();
        unsubscribe();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const look = () => {
        if (isNews(before, socket.getStatus())) end();
      };
      const cancelTimer = clock.setTimer(end, delayMs);
      const unsubscribe = socket.subscribe(look);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
      else look();
    });
  }

  async function fetch(isForced: boolean): Promise<string | null> {
    const { signal } = waiting;
    const former = last;
    let waitMs = MIN_WAIT_MS;
    while (!signal.aborted) {
      try {
        let next = parcel(await socket.getToken({ signal }));
        if (isForced && !suits(next, former)) {
          next = parcel(await socket.getToken({ minValidityMs: longerThan(next), signal }));
        }
        if (isForced && !suits(next, former)) {
          next = parcel(await socket.getToken({ forceRefresh: true, signal }));
        }
        if (!isForced || next.token !== former?.token) {
          last = next;
          return next.token;
        }
      } catch (error) {
        if (!isAuthSocketError(error) || error.code !== 'unavailable') return null;
      }
      const status = socket.getStatus();
      await news(status, holdsToken(status) ? waitMs : MAX_WAIT_MS, signal);
      waitMs = Math.min(2 * waitMs, MAX_WAIT_MS);
    }
    return null;
  }

  return {
    fetch,
    dismiss() {
      waiting.abort();
      waiting = new AbortController();
    },
  };
}

function holdsToken({ session }: SocketStatus): boolean {
  return session === 'valid' || session === 'refreshing';
}

function isNews(before: SocketStatus, now: SocketStatus): boolean {
  const isOver = now.session === 'signed-out' || now.stopReason === 'destroyed';
  const isNew = now.tokenExpiresAt !== null && now.tokenExpiresAt !== before.tokenExpiresAt;
  return isOver || isNew || (holdsToken(now) && !holdsToken(before));
}

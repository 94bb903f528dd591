import { AuthSocketError, isAuthSocketError } from '../machine/errors';
import type { Verdict } from '../machine/verdict';
import type { AuthSocket } from './authSocket';

/** How a link ended that somebody else owned. */
export interface PresentedEnd {
  token: string | null;
  verdict: Verdict;
  code: number;
  /** How long it was open; null: it never was. */
  openMs: number | null;
}

/** The token of a session for those who present it on links of their own, and what servers made of it. */
export interface PresentedToken {
  /** A token that no server refused; null where a cookie is the credential. Rejects while there is none. */
  get(signal?: AbortSignal): Promise<string | null>;
  /** Somebody refused this token: it is not handed out again. */
  refuse(token: string | null): void;
  learn(end: PresentedEnd): void;
}

/** A link that lived this long was accepted for good. */
const STABLE_MS = 5_000;

/** Two dials in a row that never opened may be about the token; after that they say it rarely. */
const FAILURES_PER_DOUBT = 8;

export function presentedToken(session: Pick<AuthSocket, 'getToken'>): PresentedToken {
  /** Never to be presented again. */
  let refused: string | null = null;
  /** To be presented again only after one refresh, whatever that brings. */
  let doubted: string | null = null;
  let isDoubtSpent = false;
  let failures = 0;

  return {
    async get(signal) {
      const options = signal && { signal };
      try {
        let token = await session.getToken(options);
        if (token === refused || token === doubted) {
          doubted = null;
          token = await session.getToken({ ...options, forceRefresh: true });
        }
        if (token !== refused) return token;
      } catch (error) {
        if (isAuthSocketError(error) && error.code === 'no-token') return null;
        throw error;
      }
      throw new AuthSocketError('unavailable', 'The server refused the token, and there is no other yet.');
    },
    refuse(token) {
      refused = token;
    },
    learn({ token, verdict, code, openMs }) {
      failures = openMs === null ? failures + 1 : 0;
      if (openMs !== null && openMs >= STABLE_MS) isDoubtSpent = false;
      if (verdict === 'expired' || verdict === 'revoked') refused = token;
      if (verdict !== 'ambiguous') return;
      // A bare 1008 or a code of the server's own may be about the token; 1006 and its like say nothing.
      const isMute = code !== 1008 && (code < 3000 || code > 4999);
      if (isMute ? failures % FAILURES_PER_DOUBT !== 2 : isDoubtSpent) return;
      isDoubtSpent = true;
      doubted = token;
    },
  };
}

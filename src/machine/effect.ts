import type { AuthSocketErrorCode } from './errors';
import type { EndedBy } from './event';

/** Why `getToken` is called. */
export type TokenReason = 'initial' | 'expiring' | 'expired' | 'rejected' | 'changed' | 'manual';

/** Why a queued message will not be sent. */
export type DropReason = 'overflow' | 'expired' | 'signed-out' | 'user-changed' | 'destroyed';

/** A command that the shell carries out. Tokens are named by their number. */
export type Effect =
  // the token source
  | {
      type: 'call-source';
      call: number;
      reason: TokenReason;
      force: boolean;
      attempt: number;
      minValidityMs: number;
    }
  | { type: 'abort-call'; call: number }
  // the other tabs of this session
  /** Queue up behind the siblings; whatever was held or waited for before is given back. */
  | { type: 'request-turn'; call: number }
  /** Give the turn back, or stop waiting for it. */
  | { type: 'end-turn' }
  /** Who has a newer token than this generation, or knows that the session ended after `since` (epoch ms)? */
  | { type: 'ask-siblings'; generation: number; since: number }
  /** A new token: hand it over, or say that there is one. */
  | { type: 'share-token'; id: number; generation: number }
  /** `at`: when the sign-out was, or began; epoch ms. */
  | { type: 'tell-siblings'; what: 'signed-out' | 'leaving'; reason: string; at: number }
  /** Everybody who waits for a call up to this one gets an answer. */
  | { type: 'settle-callers'; upTo: number }
  /** `keep`: the one token that stays. */
  | { type: 'forget-tokens'; keep: number | null }
  // sockets
  | { type: 'prepare-dial'; id: number; token: number | null }
  | { type: 'open-socket'; id: number }
  /** `token` null: a cookie is the credential. A protocol that has nothing to say then is ready. */
  | { type: 'send-hello'; id: number; token: number | null }
  | { type: 'send-refresh'; id: number; token: number; refreshId: number }
  | { type: 'send-ping'; id: number }
  /** Close now, 1000, also while CONNECTING. */
  | { type: 'close'; id: number }
  /** Close 1000; while CONNECTING only when it opens, or after `withinMs`. */
  | { type: 'release'; id: number; withinMs: number }
  /** The server said what it had to say: leave the closing to it for a moment, then close 1000. */
  | { type: 'await-close'; id: number; withinMs: number }
  // the application
  | { type: 'announce-link'; id: number; connection: number; gapMs: number | null }
  | { type: 'drop-queue'; why: DropReason }
  /** State built from the former user's messages must go. */
  | { type: 'forget-user' }
  | { type: 'announce-end'; reason: string; by: EndedBy }
  | { type: 'report'; code: AuthSocketErrorCode; message: string };

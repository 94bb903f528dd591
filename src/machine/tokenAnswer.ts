/** A token with what is known of its life. */
export interface TokenGrant {
  token: string;
  /** Epoch ms on the server's clock. Default: the JWT's `exp`. Opaque token without it: unknown. */
  expiresAt?: number;
  /** Lifetime from receipt in ms (OAuth `expires_in` x 1000). Outranks `expiresAt`: needs no clock agreement. */
  expiresInMs?: number;
  /** Whose token it is. Default: the JWT's `sub`. */
  subject?: string;
}

/** Marks the answers below, so that two copies of the package understand each other. */
const brand = Symbol.for('react-auth-socket.answer');

interface Answer<K extends string> {
  readonly [brand]: K;
}

/** The answer of `signedIn()`. */
export interface SignedIn extends Answer<'signed-in'> {
  readonly subject?: string;
  readonly expiresInMs?: number;
}
/** The answer of `signedOut()`. */
export interface SignedOut extends Answer<'signed-out'> {
  readonly reason: string;
}
/** The answer of `unavailable()`. */
export interface Unavailable extends Answer<'unavailable'> {
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}
/** The answer of `tokenRejected()`. */
export interface TokenRejected extends Answer<'token-rejected'> {}

/** What a token source may answer. `null` is not among them: say which of the two you mean. */
export type TokenAnswer = string | TokenGrant | SignedIn | SignedOut | Unavailable;

/** Signed in; the credential is a cookie and there is nothing to hold. */
export function signedIn(detail?: { subject?: string; expiresInMs?: number }): SignedIn {
  return { [brand]: 'signed-in', ...detail };
}

/**
 * The answer that ends a session.
 *
 * `token ?? unavailable()` is right; `token ?? signedOut()` signs people out on a train.
 */
export function signedOut(reason = 'signed-out'): SignedOut {
  return { [brand]: 'signed-out', reason: String(reason) };
}

/**
 * "Ask me again later." A throw, a rejection, a timeout, null, undefined, '' or a non-token value mean the same.
 *
 * `retryAfterMs` is honoured: we do not ask earlier (+0-10 %, at most 5 min).
 */
export function unavailable(detail?: { retryAfterMs?: number; cause?: unknown }): Unavailable {
  return { [brand]: 'unavailable', ...detail };
}

/**
 * For `prepare` and `getTicket`: this endpoint refused the token. It is refreshed once and you are asked again;
 * a second time means `unavailable()`.
 */
export function tokenRejected(): TokenRejected {
  return { [brand]: 'token-rejected' };
}

/** The kind of one of the answers above, or undefined for anything else. */
export function answerKind(
  value: unknown,
): 'signed-in' | 'signed-out' | 'unavailable' | 'token-rejected' | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Partial<SignedIn | SignedOut | Unavailable | TokenRejected>)[brand]
    : undefined;
}

/** What went wrong, as a word to branch on. */
export type AuthSocketErrorCode =
  /** An option has the wrong type, range or form; the message names it. */
  | 'invalid-option'
  /** A hook was called outside its provider. */
  | 'no-provider'
  /** The session has ended; only `retrySession()` or a new `sessionKey` starts another. */
  | 'signed-out'
  /** No token for now. Not a sign-out: the same call may succeed a moment later. */
  | 'unavailable'
  /** The client was destroyed. */
  | 'destroyed'
  /** The session's credential is a cookie: there is no token to hand out. */
  | 'no-token'
  /** The token source answered with a token of another user than the `sessionKey` stands for. */
  | 'subject-mismatch'
  /** The token source answered with something that is no token. Counts as "not now". */
  | 'malformed-token'
  /** A frame could not be read. It was dropped; the socket stays. */
  | 'malformed-frame'
  /** A message could not be written. Nothing was sent or queued. */
  | 'invalid-message'
  /** A handler of the application threw. The other handlers ran. */
  | 'handler-threw';

const brand = Symbol.for('react-auth-socket.error');

/**
 * The one error class of the package. `code` says what happened, `cause` holds what was caught.
 *
 * No message of ours ever contains a token or a ticket.
 */
export class AuthSocketError extends Error {
  declare readonly name: 'AuthSocketError';
  declare readonly code: AuthSocketErrorCode;
  declare readonly cause: unknown;

  constructor(code: AuthSocketErrorCode, message: string, cause?: unknown) {
    super(message);
    Object.assign(this, { name: 'AuthSocketError', code, cause });
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Recognises an `AuthSocketError` by its brand, also one made by another copy of the package. */
export function isAuthSocketError(value: unknown): value is AuthSocketError {
  return typeof value === 'object' && value !== null && brand in value;
}

import type { GrantFacts } from '../machine/credential';
import type { TokenReason } from '../machine/effect';
import { isAuthSocketError } from '../machine/errors';
import { positiveMs } from '../machine/positiveMs';
import {
  answerKind,
  type SignedIn,
  type SignedOut,
  type TokenAnswer,
  type TokenGrant,
  type Unavailable,
} from '../machine/tokenAnswer';
import { readClaims } from '../protocols/jwtClaims';

/** What a token source is asked. */
export interface TokenRequest {
  reason: TokenReason;
  /** True only when the server refused `previous` or the caller asked: do not answer from a cache. */
  forceRefresh: boolean;
  previous: TokenGrant | null;
  /** Answer with a token that lives at least this much longer. */
  minValidityMs: number;
  /** From 1. */
  attempt: number;
  /** Our deadline. A late answer may still be adopted if it is newer. */
  signal: AbortSignal;
}

/**
 * Fetches a token. Called when there is no usable one, ahead of expiry and after a refusal, never twice at once.
 *
 * A throw counts as "the network is not ready": the last token stays in use while it is valid and the call is repeated
 * later. Only `signedOut()` ends the session.
 */
export type GetToken = (request: TokenRequest) => TokenAnswer | Promise<TokenAnswer>;

/**
 * Where tokens come from: a function, an SDK that also tells of changes, or another client whose session is shared.
 *
 * An `AuthSocket` is such an object: a client that is given one is a second socket of its session. It has no place of its
 * own in the union, where two signatures of `getToken` would leave a source that is written in place untyped.
 */
export type TokenSource =
  | GetToken
  | {
      getToken: GetToken;
      /** The SDK's own state changed (loaded, signed in, new token): we ask at once. Called once per client. */
      subscribe?(onChange: () => void): () => void;
      /** The SDK already keeps its tabs from refreshing at once: no lock of ours around it. */
      coordinated?: boolean;
    };

/** Marks the sources whose every token was made in answer to the call, across copies of the package. */
const freshBrand = Symbol.for('react-auth-socket.fresh-source');

/** A source that answers from no cache: its tokens measure how the clocks differ. */
export function freshSource(getToken: GetToken): TokenSource {
  return Object.defineProperty({ getToken }, freshBrand, { value: true });
}

export function isFreshSource(source: object | undefined): boolean {
  return source !== undefined && freshBrand in source;
}

/** Marks the sources that are made anew in every render, across copies of the package. */
const revisionBrand = Symbol.for('react-auth-socket.source-revision');

/**
 * A source made of what a hook returned. It has nothing to subscribe to: another `revision` than in the last render says
 * what `subscribe` says elsewhere, and we ask at once.
 */
export function renderedSource(
  source: { getToken: GetToken; coordinated?: boolean },
  revision: string,
): TokenSource {
  return Object.defineProperty(source, revisionBrand, { value: revision });
}

export function revisionOf(source: TokenSource | undefined): unknown {
  return (source as Partial<Record<symbol, unknown>> | undefined)?.[revisionBrand];
}

/** An answer, read: what it brought, or why it brought nothing. */
export type Reading =
  | { kind: 'granted'; grant: TokenGrant; facts: Omit<GrantFacts, 'id' | 'isFresh'> }
  | { kind: 'denied'; reason: string }
  | { kind: 'unavailable'; retryAfterMs?: number | undefined; cause?: unknown; isMalformed?: boolean };

/**
 * No control characters: a header that carries a line break carries whatever stands behind it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.5
 */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const presentable = /^[^\u0000-\u001f\u007f]+$/;

/** Can this be shown to a server, in a header or a frame? */
export function isPresentable(token: unknown): token is string {
  return typeof token === 'string' && presentable.test(token);
}

/** Reads whatever a source answered. Anything that is not plainly a token or a sign-out means "not now". */
export function readAnswer(answer: unknown): Reading {
  switch (answerKind(answer)) {
    case 'signed-out':
      return { kind: 'denied', reason: (answer as SignedOut).reason };
    case 'unavailable': {
      const { retryAfterMs, cause } = answer as Unavailable;
      return { kind: 'unavailable', retryAfterMs: positiveMs(retryAfterMs), cause };
    }
    case 'signed-in': {
      const { subject, expiresInMs } = answer as SignedIn;
      return readGrant({ token: '', expiresInMs, subject }, false);
    }
    case 'token-rejected':
    case undefined:
      break;
  }
  if (answer === null || answer === undefined || answer === '') return { kind: 'unavailable' };
  const loose = typeof answer === 'string' ? { token: answer } : answer;
  const grant = typeof loose === 'object' ? (loose as Partial<TokenGrant>) : {};
  return isPresentable(grant.token)
    ? readGrant(grant as TokenGrant, true)
    : { kind: 'unavailable', isMalformed: true };
}

/** Reads what a source threw. Another client of ours as a source says "signed out" with its own error. */
export function readFailure(cause: unknown): Reading {
  return isAuthSocketError(cause) && cause.code === 'signed-out'
    ? { kind: 'denied', reason: 'signed-out' }
    : { kind: 'unavailable', cause };
}

type LooseGrant = { token: string; expiresAt?: unknown; expiresInMs?: unknown; subject?: unknown };

function readGrant(loose: LooseGrant, isBearer: boolean): Reading {
  const claims = readClaims(loose.token);
  const expiresInMs = positiveMs(loose.expiresInMs) ?? null;
  const expiresAt = positiveMs(loose.expiresAt) ?? claims.expiresAt;
  const subject = typeof loose.subject === 'string' ? loose.subject : claims.subject;
  const grant: TokenGrant = { token: loose.token };
  if (expiresAt !== null) grant.expiresAt = expiresAt;
  if (expiresInMs !== null) grant.expiresInMs = expiresInMs;
  if (subject !== null) grant.subject = subject;
  const { issuedAt } = claims;
  return { kind: 'granted', grant, facts: { isBearer, issuedAt, expiresAt, expiresInMs, subject } };
}

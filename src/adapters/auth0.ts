import { signedOut, unavailable, type TokenAnswer } from '../machine/tokenAnswer';
import { renderedSource, type TokenRequest, type TokenSource } from '../runtime/tokenSource';
import { untilDeadline } from './untilDeadline';

/** How Auth0 is asked. */
export interface Auth0Request {
  detailedResponse: true;
  cacheMode: 'on' | 'off';
  authorizationParams: { audience?: string; scope?: string };
}

/** What is read of its answer. */
export interface Auth0Answer {
  readonly access_token: string;
  /** Seconds from when it was issued, however long ago that was. */
  readonly expires_in: number;
}

/** What is called on an `Auth0Client`. */
export interface Auth0Client {
  getTokenSilently(request: Auth0Request): Promise<Auth0Answer | undefined>;
}

/** What is read of the result of auth0-react's `useAuth0()`. */
export interface Auth0HookResult {
  readonly isLoading: boolean;
  readonly isAuthenticated: boolean;
  getAccessTokenSilently(request: Auth0Request): Promise<Auth0Answer | undefined>;
}

/** Options of `auth0Token()`. */
export interface Auth0TokenOptions {
  /** The API that the token is for. @default the client's */
  audience?: string;
  /** @default the client's */
  scope?: string;
}

/**
 * The errors by which Auth0 says that there is no session. `invalid_token` goes with a 401, whose status the SDK does not
 * pass on.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthError
 */
const denials = [
  'invalid_grant',
  'invalid_token',
  'login_required',
  'missing_refresh_token',
  'interaction_required',
  'consent_required',
];

/**
 * An `Auth0Client`, or the result of auth0-react's `useAuth0()`, as a token source. Connect a bare client after
 * `handleRedirectCallback()`: before it there is no session. Make it of a hook's result in every render: when Auth0 has
 * loaded, we ask at once.
 *
 * `signedOut()` is an OAuth error that says so, and the end that the tenant set to the session. Everything else means "not
 * now": a network that is down, an error page, 429, 5xx, a lock that is not granted, loading. The SDK keeps saying
 * `isAuthenticated` after its refresh token was refused; this source does not.
 *
 * @see https://github.com/auth0/auth0-spa-js/blob/main/src/errors.ts
 */
export function auth0Token(
  auth: Auth0Client | Auth0HookResult,
  authorizationParams: Auth0TokenOptions = {},
): TokenSource {
  const [isLoading, revision] =
    'getTokenSilently' in auth
      ? [false, '']
      : [auth.isLoading, [auth.isLoading, auth.isAuthenticated].join()];
  return renderedSource(
    {
      getToken: request =>
        isLoading ? unavailable() : untilDeadline(ask(auth, request, authorizationParams), request.signal),
      coordinated: true,
    },
    revision,
  );
}

async function ask(
  auth: Auth0Client | Auth0HookResult,
  { forceRefresh }: TokenRequest,
  authorizationParams: Auth0TokenOptions,
): Promise<TokenAnswer> {
  const question: Auth0Request = {
    detailedResponse: true,
    cacheMode: forceRefresh ? 'off' : 'on',
    authorizationParams,
  };
  try {
    const answer = await ('getTokenSilently' in auth
      ? auth.getTokenSilently(question)
      : auth.getAccessTokenSilently(question));
    // Only a session that came to the tenant's `session_expiry` is answered with nothing.
    if (!answer) return signedOut('session-expiry');
    const { access_token: token, expires_in } = answer;
    // What comes from the cache has been living for an unknown while.
    return forceRefresh ? { token, expiresInMs: expires_in * 1_000 } : token;
  } catch (cause) {
    const { error } = (cause ?? {}) as { error?: unknown };
    const isDenied = typeof error === 'string' && denials.includes(error) && !isMadeUp(error);
    return isDenied ? signedOut(error) : unavailable({ cause });
  }
}

/** In a cross-origin isolated page the SDK cannot ask Auth0 without a refresh token, and says `login_required` by itself. */
function isMadeUp(error: string): boolean {
  return error === 'login_required' && globalThis.crossOriginIsolated;
}

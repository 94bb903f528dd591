import { AuthSocketError } from '../machine/errors';
import { signedOut, unavailable, type TokenAnswer } from '../machine/tokenAnswer';
import { renderedSource, type TokenRequest, type TokenSource } from '../runtime/tokenSource';
import { isFormerToken } from './isFormerToken';
import { untilDeadline } from './untilDeadline';

/** What is called on a client made by authkit-js' `createClient()`. */
export interface AuthKitClient {
  getAccessToken(options?: { forceRefresh?: boolean }): Promise<string>;
}

/** What is read of the result of authkit-react's `useAuth()`. */
export interface AuthKitReactAuth extends AuthKitClient {
  readonly isLoading: boolean;
  readonly user: { readonly id: string } | null;
  readonly organizationId?: string | null | undefined;
}

/** What is read of authkit-nextjs: the result of `useAccessToken()`, with `user` and `loading` of `useAuth()`. */
export interface AuthKitNextAuth {
  getAccessToken(): Promise<string | undefined>;
  refresh(): Promise<string | undefined>;
  readonly accessToken?: string | undefined;
  /** Without it nobody is ever taken as signed out: `undefined` for a token says too little. */
  readonly user?: { readonly id: string } | null | undefined;
  /** Of `useAuth()`, not of `useAccessToken()`. */
  readonly loading?: boolean;
}

/** Options of `authKitToken()`. */
export interface AuthKitTokenOptions {
  /** The class of that name from your copy of the SDK. Without it the error is known by its message. */
  LoginRequiredError?: abstract new (...args: never[]) => Error;
}

/**
 * A WorkOS AuthKit client, or what an AuthKit hook returned, as a token source.
 *
 * Takes a client of authkit-js' `createClient()`, the result of authkit-react's `useAuth()`, or for authkit-nextjs
 * `{ ...useAccessToken(), user, loading }` with the last two from `useAuth()`. Make it of a hook's result in every render: when
 * the SDK has loaded, we ask at once.
 *
 * `signedOut()` is `LoginRequiredError` once the SDK has loaded, and in Next.js no user once it has loaded. Everything
 * else means "not now": a network that is down, 429, 5xx, a lock that is not granted, loading.
 *
 * @see https://github.com/workos/authkit-js/blob/main/src/errors.ts
 */
export function authKitToken(
  auth: AuthKitClient | AuthKitReactAuth | AuthKitNextAuth,
  options: AuthKitTokenOptions = {},
): TokenSource {
  if (typeof auth.getAccessToken !== 'function') {
    throw new AuthSocketError(
      'invalid-option',
      'authKitToken: auth must have getAccessToken. In Next.js pass { ...useAccessToken(), user, loading }.',
    );
  }
  if ('refresh' in auth) {
    const { loading, user, accessToken } = auth;
    return renderedSource(
      { getToken: ({ forceRefresh, signal }) => untilDeadline(askNext(auth, forceRefresh), signal) },
      [loading, user?.id, accessToken !== undefined].join(),
    );
  }
  const isLoading = 'isLoading' in auth && auth.isLoading;
  return renderedSource(
    {
      getToken: request =>
        isLoading ? unavailable() : untilDeadline(askClient(auth, request, options), request.signal),
      coordinated: true,
    },
    'isLoading' in auth ? [isLoading, auth.user?.id, auth.organizationId].join() : '',
  );
}

async function askClient(
  auth: AuthKitClient,
  request: TokenRequest,
  { LoginRequiredError }: AuthKitTokenOptions,
): Promise<TokenAnswer> {
  try {
    // The SDK renews by itself in the last ten seconds only, and in a hidden page not even then.
    const held = request.forceRefresh ? null : await auth.getAccessToken();
    return held !== null && !isFormerToken(held, request)
      ? held
      : await auth.getAccessToken({ forceRefresh: true });
  } catch (cause) {
    // Its name is 'Error' and the name of its class does not survive a minifier.
    const isDenied =
      (LoginRequiredError && cause instanceof LoginRequiredError) ||
      (cause instanceof Error && cause.message === 'No access token available');
    return isDenied ? signedOut('login-required') : unavailable({ cause });
  }
}

async function askNext(auth: AuthKitNextAuth, forceRefresh: boolean): Promise<TokenAnswer> {
  const token = await (forceRefresh ? auth.refresh() : auth.getAccessToken());
  if (token !== undefined) return token;
  return auth.user === null && auth.loading !== true ? signedOut('no-user') : unavailable();
}

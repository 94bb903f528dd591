import { signedOut, unavailable, type TokenAnswer } from '../machine/tokenAnswer';
import { renderedSource, type TokenSource } from '../runtime/tokenSource';
import { untilDeadline } from './untilDeadline';

/** What is read of the result of Clerk's `useAuth()`. */
export interface ClerkAuth {
  readonly isLoaded: boolean;
  readonly isSignedIn: boolean | undefined;
  readonly sessionId?: string | null | undefined;
  readonly orgId?: string | null | undefined;
  getToken(options?: { template?: string; skipCache?: boolean }): Promise<string | null>;
}

/** Options of `clerkToken()`. */
export interface ClerkTokenOptions {
  /** The JWT template that your server reads. @default the session token */
  template?: string;
}

/**
 * The result of Clerk's `useAuth()` as a token source. Make it anew in every render: when Clerk has loaded, when somebody
 * signs in or out, and when another organization becomes active, we ask at once.
 *
 * `signedOut()` is what Clerk says of itself once it has loaded: nobody is signed in. Everything else means "not now": loading,
 * a token that is null, and whatever `getToken` throws. Clerk repeats a request for up to three minutes; our deadline
 * ends the waiting before. Its cache is skipped only after the server refused a token: a request that fails then costs Clerk
 * the token it had.
 */
export function clerkToken(auth: ClerkAuth, { template }: ClerkTokenOptions = {}): TokenSource {
  return renderedSource(
    {
      getToken({ forceRefresh, signal }) {
        if (!auth.isLoaded) return unavailable();
        if (!auth.isSignedIn) return signedOut('no-session');
        return untilDeadline(ask(auth, template, forceRefresh), signal);
      },
      coordinated: true,
    },
    [auth.isLoaded, auth.isSignedIn, auth.sessionId, auth.orgId].join(),
  );
}

async function ask(auth: ClerkAuth, template: string | undefined, skipCache: boolean): Promise<TokenAnswer> {
  const token = await auth.getToken({
    ...(template !== undefined && { template }),
    ...(skipCache && { skipCache }),
  });
  // A session that has just ended is in the next render.
  return token ?? unavailable();
}

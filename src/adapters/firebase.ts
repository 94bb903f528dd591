import { signedOut, type TokenAnswer } from '../machine/tokenAnswer';
import type { TokenRequest, TokenSource } from '../runtime/tokenSource';
import { isFormerToken } from './isFormerToken';
import { untilDeadline } from './untilDeadline';

/** What is called on a Firebase `User`. */
export interface FirebaseUser {
  getIdToken(forceRefresh?: boolean): Promise<string>;
}

/** What is called on Firebase's `Auth`. */
export interface FirebaseAuth {
  authStateReady(): Promise<void>;
  readonly currentUser: FirebaseUser | null;
  onIdTokenChanged(listener: () => void): () => void;
}

/** By these Firebase says that the session is over, and drops the user. */
const denials = ['auth/user-token-expired', 'auth/user-disabled'];

/**
 * Firebase's `Auth` as a token source. The token is the ID token.
 *
 * No user once `authStateReady()` has resolved is `signedOut()`, and so are `auth/user-token-expired` and `auth/user-disabled`.
 * Everything else means "not now". Firebase renews by itself only where another Firebase product asks it to: here the
 * client does, ahead of expiry.
 */
export function firebaseToken(auth: FirebaseAuth): TokenSource {
  return {
    getToken: (request: TokenRequest) => untilDeadline(ask(auth, request), request.signal),
    subscribe: onChange => auth.onIdTokenChanged(() => onChange()),
  };
}

async function ask(auth: FirebaseAuth, request: TokenRequest): Promise<TokenAnswer> {
  await auth.authStateReady();
  const user = auth.currentUser;
  if (!user) return signedOut('no-user');
  try {
    const token = await user.getIdToken();
    return isFormerToken(token, request) ? await user.getIdToken(true) : token;
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && denials.includes(code)) return signedOut(code);
    throw cause;
  }
}

import { signedOut, unavailable, type GetToken } from 'react-auth-socket';
import { user } from '../user';

/** The token source: only a plain 401 ends the session, everything else means "not now". */
export const getToken: GetToken = async ({ signal }) => {
  const answer = await fetch('/auth/refresh', { method: 'POST', credentials: 'include', signal });
  const body = (await answer.json().catch(() => ({}))) as RefreshAnswer;
  if (answer.status === 401) return signedOut(body.error);
  if (!answer.ok || !body.access_token || !body.expires_in) return unavailable();
  return { token: body.access_token, expiresInMs: body.expires_in * 1_000 };
};

interface RefreshAnswer {
  access_token?: string;
  /** Seconds. */
  expires_in?: number;
  error?: string;
}

/** Gets a session cookie. Rejects when the server cannot be reached. */
export async function signIn(): Promise<void> {
  const answer = await fetch('/auth/login', {
    method: 'POST',
    credentials: 'include',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: user.id }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`The login was answered with ${answer.status}.`);
}

/** Tells the server that the session is over. */
export function signOutOnServer(): Promise<unknown> {
  return fetch('/auth/logout', { method: 'POST', credentials: 'include' });
}

const key = 'demo has begun';

/** A demonstration begins signed in; in a tab that has seen it, the visitor decides. */
export async function signInFirstVisitor(): Promise<void> {
  if (sessionStorage.getItem(key) !== null) return;
  sessionStorage.setItem(key, 'yes');
  // If this fails, the page asks.
  await signIn().catch(() => {});
}

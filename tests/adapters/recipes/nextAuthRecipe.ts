import { signedOut, unavailable, type GetToken } from 'react-auth-socket';

/** Not `getSession()`: that answers null to a lost network as to a sign-out. The session callback puts `accessToken` there. */
export const nextAuthToken: GetToken = async ({ signal }) => {
  const answer = await fetch('/api/auth/session', { signal, cache: 'no-store' });
  if (answer.status === 401) return signedOut('no-session');
  if (!answer.ok) return unavailable();
  const session = (await answer.json()) as { accessToken?: string };
  if (session.accessToken) return session.accessToken;
  return Object.keys(session).length === 0 ? signedOut('no-session') : unavailable();
};

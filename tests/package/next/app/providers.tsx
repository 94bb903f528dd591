'use client';
import { AuthSocketProvider, signedOut, unavailable, type GetToken } from 'react-auth-socket';
import type { ReactNode } from 'react';
import type { User } from './currentUser';

/** A function cannot cross from a server component, so it lives in a client file, and the provider with it. */
const getToken: GetToken = async ({ signal }) => {
  const answer = await fetch('/auth/refresh', { method: 'POST', credentials: 'include', signal });
  if (answer.status === 401) return signedOut();
  return answer.ok ? ((await answer.json()) as { access_token: string }).access_token : unavailable();
};

export function Providers({ user, children }: { user: User | null; children: ReactNode }) {
  return (
    <AuthSocketProvider url="/ws" getToken={getToken} sessionKey={user?.id ?? null}>
      {children}
    </AuthSocketProvider>
  );
}

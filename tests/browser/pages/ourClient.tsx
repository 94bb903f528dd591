import * as React from 'react';
import {
  AuthSocketProvider,
  signedOut,
  unavailable,
  useSocketMessage,
  useSocketStatus,
  type GetToken,
} from '../../../src/index';
import { record } from '../harness/pageLog';
import type { ClientSurface } from './clientSurface';

/** The session page's client, made of this package as its README shows it: every time is a default. */

const getToken: GetToken = async ({ signal }) => {
  const answer = await fetch('/auth/refresh', { method: 'POST', signal });
  if (answer.status === 401) return signedOut();
  return answer.ok ? ((await answer.json()) as { access_token: string }).access_token : unavailable();
};

export const ClientProvider: ClientSurface['ClientProvider'] = ({ children }) => (
  <AuthSocketProvider url="/ws" getToken={getToken} onTrace={event => record('note', event)}>
    {children}
  </AuthSocketProvider>
);

export const useClientStatus: ClientSurface['useClientStatus'] = () =>
  useSocketStatus(({ session, link }) => ({
    isLoading: session === 'unknown',
    isAuthenticated: session !== 'unknown' && session !== 'signed-out',
    isOpen: link === 'open',
  }));

export const useClientMessages: ClientSurface['useClientMessages'] = handler => useSocketMessage(handler);

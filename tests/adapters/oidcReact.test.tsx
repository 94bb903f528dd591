import { act, render, waitFor } from '@testing-library/react';
import { useEffect } from 'react';
import * as React from 'react';
import { AuthProvider, useAuth } from 'react-oidc-context';
import { expect, it } from 'vitest';
import { oidcToken } from '../../src/adapters/oidc';
import { AuthSocketProvider, useSocket, useSocketStatus, type AuthSocket } from '../../src/index';
import { openOidcAccount, type OidcAccount } from './oidcAccount';

interface Seen {
  socket: AuthSocket<unknown, unknown> | null;
  session: string;
  /** How often the content of the page was mounted. */
  mounts: number;
  /** `isLoading` became true again after the page had loaded. */
  spinners: number;
  ends: string[];
}

/** A page as the documentation shows it; `how` says what the source is made of. */
function openPage({ manager }: OidcAccount, how: 'manager' | 'useAuth'): Seen {
  const seen: Seen = { socket: null, session: '', mounts: 0, spinners: 0, ends: [] };
  let hasLoaded = false;

  function Content() {
    seen.socket = useSocket() as AuthSocket<unknown, unknown>;
    seen.session = useSocketStatus().session;
    useEffect(() => {
      seen.mounts++;
    }, []);
    return null;
  }

  function Session() {
    const auth = useAuth();
    if (hasLoaded && auth.isLoading) seen.spinners++;
    hasLoaded ||= !auth.isLoading;
    return (
      <AuthSocketProvider
        getToken={oidcToken(how === 'manager' ? manager : auth)}
        reconnect={{ minMs: 40, maxMs: 120 }}
        onSessionExpired={({ reason }) => seen.ends.push(reason)}
      >
        <Content />
      </AuthSocketProvider>
    );
  }

  render(
    <AuthProvider userManager={manager}>
      <Session />
    </AuthProvider>,
  );
  return seen;
}

const session = (seen: Seen, state: string) => waitFor(() => expect(seen.session).toBe(state));

it('useAuth() as a source: loading is not signed out, and the token comes with the user', async () => {
  const seen = openPage(await openOidcAccount(), 'useAuth');
  expect(seen.session).not.toBe('signed-out');
  await session(seen, 'valid');
  expect(await seen.socket?.getToken()).toBe('access-1');
  expect(seen).toMatchObject({ mounts: 1, ends: [] });
});

it('useAuth() as a source: an ended token is renewed, and the page stays mounted', async () => {
  const seen = openPage(await openOidcAccount({ leftS: -60 }), 'useAuth');
  await session(seen, 'valid');
  expect(await seen.socket?.getToken()).toBe('access-2');
  expect(seen).toMatchObject({ mounts: 1, ends: [] });
  // What the page says of the manager: the library's own wrapper shows every refresh as loading.
  expect(seen.spinners).toBeGreaterThan(0);
});

it('useAuth() as a source: a server in trouble ends nothing', async () => {
  const account = await openOidcAccount({ leftS: -60 });
  account.server.trouble = '500';
  const seen = openPage(account, 'useAuth');
  await waitFor(() => expect(account.server.requests.length).toBeGreaterThan(3));
  expect(seen.session).not.toBe('signed-out');
  account.server.trouble = null;
  await session(seen, 'valid');
  expect(seen).toMatchObject({ mounts: 1, ends: [] });
});

it('useAuth() as a source: invalid_grant ends the session, after it was confirmed', async () => {
  const account = await openOidcAccount();
  const seen = openPage(account, 'useAuth');
  await session(seen, 'valid');
  account.revoke();
  await act(() => seen.socket?.getToken({ forceRefresh: true }).catch(() => null));
  await session(seen, 'signed-out');
  expect(account.presented).toEqual(['refresh-1', 'refresh-1']);
  expect(seen.ends).toEqual(['invalid_grant']);
});

it('the manager as a source: no refresh shows as loading', async () => {
  const account = await openOidcAccount();
  const seen = openPage(account, 'manager');
  await session(seen, 'valid');
  await act(() => seen.socket?.getToken({ forceRefresh: true }));
  expect(await seen.socket?.getToken()).toBe('access-2');
  expect(seen).toMatchObject({ mounts: 1, spinners: 0, ends: [] });
});

it('the manager as a source: removeUser() signs out', async () => {
  const account = await openOidcAccount();
  const seen = openPage(account, 'manager');
  await session(seen, 'valid');
  await act(() => account.manager.removeUser());
  await session(seen, 'signed-out');
  expect(seen.ends).toEqual(['no-user']);
});

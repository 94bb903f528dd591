import { act, cleanup, render, screen } from '@testing-library/react';
import { createClient } from '@workos-inc/authkit-js';
import { AuthKitProvider, useAuth } from '@workos-inc/authkit-react';
import { version } from '@workos-inc/authkit-react/package.json';
import * as React from 'react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { authKitToken } from '../../src/adapters/authkit';
import { AuthSocketProvider, useSocketStatus } from '../../src/index';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { startIdentityServer, type IdentityServer } from './identityServer';

// The SDK writes every failure there.
console.debug = () => {};

let server: IdentityServer;
let world: TestWorld;
/** Lets the identity server answer. */
let release: () => void;
let issued = 0;
let sessions: string[] = [];
let ends: string[] = [];

beforeEach(async () => {
  sessions = [];
  ends = [];
  world = createTestWorld();
  localStorage.setItem('workos:refresh-token:client_1', 'refresh-0');
  const isReleased = new Promise<void>(resolve => {
    release = resolve;
  });
  server = await startIdentityServer({
    async answer() {
      await isReleased;
      issued++;
      const iat = Math.floor(world.clock.now() / 1_000);
      return {
        body: {
          user: { object: 'user', id: 'user-1', email: 'a@example.com' },
          access_token: unsignedJwt({ sub: 'user-1', sid: 's1', iat, exp: iat + 300, jti: `${issued}` }),
          refresh_token: `refresh-${issued}`,
          authentication_method: 'Password',
        },
      };
    },
  });
});

afterEach(async () => {
  cleanup();
  localStorage.clear();
  // The session that the SDK keeps for the whole page: its provider does not end it.
  (await createClient('client_1', { devMode: true })).dispose();
  release();
  await server.close();
});

function Live({ children }: { children: React.ReactNode }) {
  const auth = useAuth();
  return (
    <AuthSocketProvider
      url="/ws"
      platform={world.platform}
      getToken={authKitToken(auth)}
      onSessionExpired={({ reason }) => ends.push(reason)}
      onTrace={event => {
        if (event.type === 'session.changed') sessions.push(event.to);
      }}
    >
      <p>{auth.isLoading ? 'loading' : `loaded ${auth.user?.id}`}</p>
      {children}
    </AuthSocketProvider>
  );
}

function Status() {
  const { link, session } = useSocketStatus();
  return <output>{`${link} ${session}`}</output>;
}

function renderPage(): void {
  render(
    <React.StrictMode>
      <AuthKitProvider clientId="client_1" apiHostname="127.0.0.1" port={server.port} https={false} devMode>
        <Live>
          <Status />
        </Live>
      </AuthKitProvider>
    </React.StrictMode>,
  );
}

const pass = (ms: number) => act(() => world.clock.advance(ms));
const status = () => screen.getByRole('status').textContent;

/** Lets time pass in the world until the page shows this, and the SDK do its work, whose time is real. */
async function waitFor(expected: string): Promise<void> {
  for (let step = 0; step < 100 && status() !== expected; step++) {
    await act(async () => {
      await world.clock.advance(100);
      await new Promise(resolve => setTimeout(resolve, 10));
    });
  }
  expect(status()).toBe(expected);
}

describe('a page with authkit-react', () => {
  it('opens within a second of "loaded", and loading signs nobody out', async () => {
    renderPage();
    expect(screen.getByText('loading')).toBeDefined();
    await pass(20_000);
    expect(status()).toContain('unknown');
    release();
    await screen.findByText('loaded user-1');
    const loadedAt = world.clock.now();
    await waitFor('open valid');
    expect(world.clock.now() - loadedAt).toBeLessThanOrEqual(1_000);
    expect(sessions).not.toContain('signed-out');
  });

  it.each(['drop', '500', '429'] as const)(
    'that starts in trouble (%s) opens when that is over, and nobody is signed out',
    async trouble => {
      release();
      server.trouble = trouble;
      renderPage();
      // No user: the SDK shows the same to somebody who is signed out.
      await screen.findByText('loaded undefined');
      await pass(3_000);
      expect(status()).toContain('unknown');
      server.trouble = null;
      await waitFor('open valid');
      expect(sessions).not.toContain('signed-out');
    },
  );

  it('is signed out when WorkOS says that the session is over', async () => {
    release();
    server.trouble = '400-invalid-grant';
    renderPage();
    await screen.findByText('loaded undefined');
    await waitFor('stopped signed-out');
    // Nobody had been signed in.
    expect(ends).toEqual([]);
  });

  it('is of the version that was tested', () => {
    expect(version).toBe('0.16.2');
  });
});

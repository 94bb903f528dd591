import { act, render } from '@testing-library/react';
import * as React from 'react';
import { describe, expect, it } from 'vitest';
import { auth0Token } from '../../src/adapters/auth0';
import { authKitToken } from '../../src/adapters/authkit';
import { clerkToken } from '../../src/adapters/clerk';
import {
  AuthSocketProvider,
  useSocket,
  type AuthSocket,
  type SocketStatus,
  type TokenSource,
} from '../../src/index';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { unsignedJwt } from '../../src/testing/unsignedJwt';

/** What an auth provider shows of itself in one render. */
interface Moment {
  isLoading: boolean;
  userId: string | null;
  organization?: string;
}

const loading: Moment = { isLoading: true, userId: null };
const ada: Moment = { isLoading: false, userId: 'ada' };
const nobody: Moment = { isLoading: false, userId: null };

type Sdk = (moment: Moment, issue: () => Promise<string>) => TokenSource;

/** The hooks as they behave: while they load, their calls say what they say to somebody who is signed out. */
const sdks: Readonly<Record<string, Sdk>> = {
  'authkit-react': ({ isLoading, userId, organization }, issue) =>
    authKitToken({
      isLoading,
      user: userId === null ? null : { id: userId },
      organizationId: organization ?? null,
      async getAccessToken() {
        if (isLoading || userId === null) throw new Error('No access token available');
        return issue();
      },
    }),
  'authkit-nextjs': ({ isLoading, userId }, issue) => {
    const getAccessToken = async () => (userId === null ? undefined : issue());
    const user = userId === null ? null : { id: userId };
    return authKitToken({ getAccessToken, refresh: getAccessToken, user, loading: isLoading });
  },
  clerk: ({ isLoading, userId, organization }, issue) =>
    clerkToken({
      isLoaded: !isLoading,
      isSignedIn: isLoading ? undefined : userId !== null,
      sessionId: isLoading ? undefined : userId && `session of ${userId}`,
      orgId: organization ?? null,
      getToken: async () => (userId === null ? null : issue()),
    }),
  'auth0-react': ({ isLoading, userId }, issue) =>
    auth0Token({
      isLoading,
      isAuthenticated: userId !== null,
      async getAccessTokenSilently() {
        if (userId === null) throw Object.assign(new Error('no'), { error: 'missing_refresh_token' });
        return { access_token: await issue(), expires_in: 900 };
      },
    }),
};

interface PageOptions {
  isStrict?: boolean;
  /** Gives the provider `sessionKey`, as the docs of the SDK's page say. */
  hasKey?: boolean;
}

/** A page whose provider makes its token source anew in every render. */
function renderPage(sdk: Sdk, { isStrict = false, hasKey = false }: PageOptions = {}) {
  const world: TestWorld = createTestWorld();
  const calls: Moment[] = [];
  const sessions: string[] = [];
  const ends: string[] = [];
  let client: AuthSocket<unknown, unknown> | undefined;

  function Child() {
    client = useSocket();
    return null;
  }

  function Page({ moment, enabled }: { moment: Moment; enabled: boolean }) {
    const source = sdk(moment, async () => {
      calls.push(moment);
      const iat = Math.floor(world.clock.now() / 1_000);
      return unsignedJwt({ sub: moment.userId, iat, exp: iat + 900, jti: `${calls.length}` });
    });
    return (
      <AuthSocketProvider
        url="/ws"
        platform={world.platform}
        enabled={enabled}
        getToken={source}
        {...(hasKey && !moment.isLoading && { sessionKey: moment.userId })}
        onSessionExpired={({ reason }) => ends.push(reason)}
        onTrace={event => {
          if (event.type === 'session.changed') sessions.push(event.to);
        }}
      >
        <Child />
      </AuthSocketProvider>
    );
  }

  const tree = (moment: Moment, enabled: boolean) => {
    const page = <Page moment={moment} enabled={enabled} />;
    return isStrict ? <React.StrictMode>{page}</React.StrictMode> : page;
  };
  const view = render(tree(loading, true));
  return {
    world,
    calls,
    sessions,
    ends,
    show: (moment: Moment, enabled = true) => view.rerender(tree(moment, enabled)),
    pass: (ms: number) => act(() => world.clock.advance(ms)),
    status: () => client?.getStatus() as SocketStatus,
  };
}

describe.each(Object.entries(sdks))('a source made of the hook of %s', (_name, sdk) => {
  it.each([100, 3_000, 45_000, 600_000])(
    'opens within a second of "loaded" after %i ms of loading, and loading signs nobody out',
    async loadingMs => {
      const page = renderPage(sdk);
      await page.pass(loadingMs);
      expect(page.calls).toEqual([]);
      expect(page.status().session).toBe('unknown');
      page.show(ada);
      await page.pass(1_000);
      expect(page.status()).toMatchObject({ link: 'open', session: 'valid' });
      expect(page.sessions).not.toContain('signed-out');
      expect(page.ends).toEqual([]);
    },
  );

  it('does the same under StrictMode, with one socket', async () => {
    const page = renderPage(sdk, { isStrict: true });
    await page.pass(5_000);
    page.show(ada);
    await page.pass(1_000);
    expect(page.status().link).toBe('open');
    expect(page.world.server.connections).toHaveLength(1);
    expect(page.sessions).not.toContain('signed-out');
  });

  it('keeps the link when the SDK loads once more', async () => {
    const page = renderPage(sdk);
    page.show(ada);
    await page.pass(1_000);
    page.show(loading);
    await page.pass(60_000);
    expect(page.status()).toMatchObject({ link: 'open', session: 'valid', connection: 1 });
    page.show(ada);
    await page.pass(1_000);
    expect(page.status()).toMatchObject({ link: 'open', session: 'valid', connection: 1 });
    expect(page.ends).toEqual([]);
  });

  it('T11 tells at once that the user has signed out, and once', async () => {
    const page = renderPage(sdk);
    page.show(ada);
    await page.pass(1_000);
    page.show(nobody);
    await page.pass(100);
    expect(page.status()).toMatchObject({ session: 'signed-out', link: 'stopped' });
    expect(page.ends).toHaveLength(1);
    expect(page.world.server.last.isOpen).toBe(false);
  });

  it('asks nothing because of a render in which nothing changed', async () => {
    const page = renderPage(sdk);
    page.show(ada);
    await page.pass(1_000);
    for (let render = 0; render < 20; render++) page.show({ ...ada });
    await page.pass(1_000);
    expect(page.calls).toHaveLength(1);
  });

  it('asks nothing while the provider is disabled', async () => {
    const page = renderPage(sdk);
    page.show(loading, false);
    await page.pass(5_000);
    page.show(ada, false);
    await page.pass(60_000);
    expect(page.calls).toEqual([]);
    page.show(ada);
    await page.pass(1_000);
    expect(page.status().link).toBe('open');
  });

  it('opens again for whoever signs in next, where the provider is told who that is', async () => {
    const page = renderPage(sdk, { hasKey: true });
    await page.pass(3_000);
    page.show(nobody);
    await page.pass(3_000);
    expect(page.status().session).toBe('signed-out');
    page.show(ada);
    await page.pass(1_000);
    expect(page.status()).toMatchObject({ link: 'open', session: 'valid' });
    page.show({ isLoading: false, userId: 'bob' });
    await page.pass(1_000);
    expect(page.status()).toMatchObject({ link: 'open', session: 'valid' });
    expect(page.calls.map(({ userId }) => userId)).toEqual(['ada', 'bob']);
    expect(page.ends).toEqual([]);
  });
});

describe.each(['authkit-react', 'clerk'] as const)('a source made of the hook of %s', name => {
  it('fetches the token of another organization at once, and keeps the link', async () => {
    const page = renderPage(sdks[name] as Sdk);
    page.show({ ...ada, organization: 'one' });
    await page.pass(1_000);
    page.show({ ...ada, organization: 'two' });
    await page.pass(1_000);
    expect(page.calls.map(({ organization }) => organization)).toEqual(['one', 'two']);
    expect(page.status()).toMatchObject({ link: 'open', connection: 1 });
  });
});

// @vitest-environment jsdom
import { createClient, LoginRequiredError } from '@workos-inc/authkit-js';
import { version } from '@workos-inc/authkit-js/package.json';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { authKitToken, type AuthKitNextAuth } from '../../src/adapters/authkit';
import { createAuthSocket, isAuthSocketError } from '../../src/core';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { askSource, expiring, refused } from './askSource';
import { bareAnswer } from './bareAnswer';
import { startIdentityServer, troubles, type IdentityServer, type Trouble } from './identityServer';
import { authkit } from './matrix/authkit';

// The SDK writes every failure there, a hung one when its server ends.
console.debug = () => {};

const CLIENT_ID = 'client_1';

type Client = Awaited<ReturnType<typeof createClient>>;

let server: IdentityServer;
let clients: Client[] = [];
/** How long tokens live; the SDK takes `exp - iat`. */
let lifeSeconds = 300;
let issued = 0;

beforeEach(async () => {
  lifeSeconds = 300;
  server = await startIdentityServer({
    answer() {
      issued++;
      const iat = Math.floor(Date.now() / 1_000);
      return {
        body: {
          user: { object: 'user', id: 'user-1', email: 'a@example.com' },
          access_token: unsignedJwt({
            sub: 'user-1',
            sid: 's1',
            iat,
            exp: iat + lifeSeconds,
            jti: `${issued}`,
          }),
          refresh_token: `refresh-${issued}`,
          authentication_method: 'Password',
        },
      };
    },
  });
});

afterEach(async () => {
  for (const client of clients) client.dispose();
  clients = [];
  localStorage.clear();
  await server.close();
});

/** A client whose user is signed in. */
async function signedInClient(): Promise<Client> {
  localStorage.clear();
  localStorage.setItem(`workos:refresh-token:${CLIENT_ID}`, 'refresh-0');
  const client = await createClient(CLIENT_ID, {
    apiHostname: '127.0.0.1',
    port: server.port,
    https: false,
    devMode: true,
  });
  clients.push(client);
  expect(client.getUser()?.id).toBe('user-1');
  return client;
}

async function troubledClient(trouble: Trouble): Promise<Client> {
  server.trouble = null;
  const client = await signedInClient();
  server.trouble = trouble;
  return client;
}

/** What the SDK does by itself. The class of its error is not in the name of the error. */
function withoutUs(client: Client): Promise<string> {
  const call = client.getAccessToken().then(
    () => 'the token',
    (error: unknown) => {
      if (error instanceof LoginRequiredError) return 'LoginRequiredError';
      throw error;
    },
  );
  return bareAnswer(call, String, 400);
}

describe('authkit-js with an expired token', () => {
  beforeEach(() => {
    lifeSeconds = 0;
  });

  it.each(troubles)('the server is in trouble: %s', async trouble => {
    const { bare, ours } = authkit.cells[trouble];
    const alone = await troubledClient(trouble);
    const outcome = await withoutUs(alone);
    expect(outcome + (alone.getUser() ? '' : ', user dropped')).toBe(bare);

    const verdict = await askSource(authKitToken(await troubledClient(trouble)), {}, 400);
    expect(verdict.kind).toBe(ours);
    if (ours === 'unavailable') expect(verdict.cause).toBeDefined();
  });

  it('is of the version that was tested', () => {
    expect(version).toBe(authkit.version);
  });

  it.each(['drop', '500', '429'] as const)('works again after the trouble: %s', async trouble => {
    const source = authKitToken(await troubledClient(trouble));
    expect((await askSource(source)).kind).toBe('unavailable');
    server.trouble = null;
    expect((await askSource(source)).kind).toBe('token');
  });
});

describe('authkit-js with a token that is about to end', () => {
  it.each(Object.entries(authkit.nearExpiry))(
    'T02 the token in hand stays in use: %s',
    async (trouble, { bare }) => {
      lifeSeconds = 8; // The SDK renews in the last ten seconds.
      const alone = await troubledClient(trouble as Trouble);
      expect(await withoutUs(alone)).toBe(bare);

      server.trouble = null;
      const socket = createAuthSocket({
        getToken: authKitToken(await signedInClient()),
        timeouts: { tokenMs: 300 },
      });
      const token = await socket.getToken();
      server.trouble = trouble as Trouble;
      expect(await socket.getToken({ minValidityMs: 60_000 })).toBe(token);
      expect(socket.getStatus().session).not.toBe('signed-out');
      socket.destroy();
    },
  );
});

describe('authkit-js in good health', () => {
  it('answers from the cache of the SDK', async () => {
    const client = await signedInClient();
    const { token } = await askSource(authKitToken(client));
    expect(token).toBe(await client.getAccessToken());
    expect(server.requests).toHaveLength(1);
  });

  it('does not wait for the last ten seconds when a longer life is asked for', async () => {
    const client = await signedInClient();
    const source = authKitToken(client);
    const token = await client.getAccessToken();
    const next = await askSource(source, expiring(token));
    expect(next.kind).toBe('token');
    expect(next.token).not.toBe(token);
    expect(server.requests).toHaveLength(2);
  });

  it('takes the token that the SDK renewed by itself', async () => {
    const client = await signedInClient();
    const former = await client.getAccessToken();
    const renewed = await client.getAccessToken({ forceRefresh: true });
    expect((await askSource(authKitToken(client), expiring(former))).token).toBe(renewed);
    expect(server.requests).toHaveLength(2);
  });

  it('renews a token that the server refused', async () => {
    const client = await signedInClient();
    const token = await client.getAccessToken();
    const next = await askSource(authKitToken(client), refused(token));
    expect(next.token).not.toBe(token);
    expect(server.requests).toHaveLength(2);
  });

  it('T07 is signed out once the user has signed out', async () => {
    const client = await signedInClient();
    await client.signOut({ navigate: false });
    server.trouble = '401';
    expect((await askSource(authKitToken(client))).kind).toBe('signed-out');
  });
});

describe('LoginRequiredError', () => {
  const rejecting = (error: Error) => ({
    async getAccessToken(): Promise<string> {
      throw error;
    },
  });

  it('is known by its message where the class is not at hand', async () => {
    const source = authKitToken(rejecting(new LoginRequiredError()));
    expect((await askSource(source)).kind).toBe('signed-out');
  });

  it('is known by its class, if that is given, whatever it says', async () => {
    class Reworded extends Error {}
    const auth = rejecting(new Reworded('Please sign in.'));
    expect((await askSource(authKitToken(auth))).kind).toBe('unavailable');
    const source = authKitToken(auth, { LoginRequiredError: Reworded });
    expect((await askSource(source)).kind).toBe('signed-out');
  });

  it('counts for nothing while authkit-react is loading', async () => {
    const auth = { ...rejecting(new LoginRequiredError()), isLoading: true, user: null };
    expect((await askSource(authKitToken(auth))).kind).toBe('unavailable');
    expect((await askSource(authKitToken({ ...auth, isLoading: false }))).kind).toBe('signed-out');
  });
});

/** The hooks of authkit-nextjs run server actions: what they answer is set here. */
describe('authkit-nextjs', () => {
  const user = { id: 'user-1' };
  const answering = (token: string | undefined): AuthKitNextAuth => ({
    getAccessToken: () => Promise.resolve(token),
    refresh: () => Promise.resolve(token && `${token}-refreshed`),
  });

  it.each([
    ['a token', 'T', { user, loading: false }, 'token'],
    ['no token yet for a user', undefined, { user, loading: false }, 'unavailable'],
    ['no user yet', undefined, { user: null, loading: true }, 'unavailable'],
    ['no user', undefined, { user: null, loading: false }, 'signed-out'],
    ['a token, nobody asked for the user', 'T', {}, 'token'],
    ['no token, nobody asked for the user', undefined, {}, 'unavailable'],
  ] as const)('%s', async (_title, token, state, expected) => {
    const source = authKitToken({ ...answering(token), ...state });
    expect((await askSource(source)).kind).toBe(expected);
  });

  it('a server action that fails is "not now"', async () => {
    const failure = new Error('Failed to refresh access token');
    const fail = () => Promise.reject(failure);
    const source = authKitToken({ getAccessToken: fail, refresh: fail, user, loading: false });
    expect(await askSource(source)).toMatchObject({ kind: 'unavailable', cause: failure });
    expect(await askSource(source, refused('T'))).toMatchObject({ kind: 'unavailable', cause: failure });
  });

  it('T04 a server action that never settles is given up at the deadline', async () => {
    const hang = () => new Promise<never>(() => {});
    const source = authKitToken({ getAccessToken: hang, refresh: hang, user, loading: false });
    expect((await askSource(source, {}, 50)).kind).toBe('unavailable');
  });

  it('refreshes only a token that the server refused', async () => {
    const source = authKitToken({ ...answering('T'), user, loading: false });
    expect((await askSource(source, expiring('T'))).token).toBe('T');
    expect((await askSource(source, refused('T'))).token).toBe('T-refreshed');
  });

  it('says what to pass instead of the result of useAuth() alone', () => {
    // @ts-expect-error -- there is no token in it
    const misuse = () => authKitToken({ user, loading: false });
    expect(misuse).toThrow(/useAccessToken/);
    expect(misuse).toThrow(expect.toSatisfy(isAuthSocketError));
  });
});

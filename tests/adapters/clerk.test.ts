// @vitest-environment jsdom
import { Clerk } from '@clerk/clerk-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clerkToken, type ClerkAuth } from '../../src/adapters/clerk';
import type { TokenRequest } from '../../src/core';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { askSource, expiring, refused, type Verdict } from './askSource';
import { bareAnswer } from './bareAnswer';
import { startIdentityServer, type IdentityServer, type Trouble } from './identityServer';
import { clerk as matrix } from './matrix/clerk';

let server: IdentityServer;
/** Whether Clerk's server still lists the session. */
let hasSession = true;
let issued = 0;

beforeEach(async () => {
  hasSession = true;
  server = await startIdentityServer({
    affects: path => path.endsWith('/tokens'),
    answer({ path }) {
      if (path.endsWith('/environment')) return { body: { object: 'environment', id: 'env_1' } };
      if (path.endsWith('/client')) return { body: { response: clientOnServer() } };
      if (path.endsWith('/tokens')) return { body: newToken() };
      return { status: 404, body: {} };
    },
  });
});

afterEach(() => server.close());

function newToken() {
  issued++;
  const iat = Math.floor(Date.now() / 1_000);
  const claims = { sub: 'user_1', sid: 'sess_1', iat, exp: iat + 60, jti: `${issued}` };
  return { object: 'token', jwt: unsignedJwt(claims) };
}

function clientOnServer() {
  const session = {
    object: 'session',
    id: 'sess_1',
    status: 'active',
    user: { object: 'user', id: 'user_1' },
    last_active_token: newToken(),
  };
  return {
    object: 'client',
    id: 'client_1',
    sessions: hasSession ? [session] : [],
    last_active_session_id: hasSession ? 'sess_1' : null,
    sign_in: null,
    sign_up: null,
  };
}

/** Clerk as a page has it: a production key, and its server behind a proxy of the application. */
async function loadClerk(): Promise<Clerk> {
  const clerk = new Clerk(`pk_live_${btoa('clerk.example.com$')}`, { proxyUrl: `${server.url}/fapi` });
  await clerk.load({ standardBrowser: false });
  return clerk;
}

/**
 * What `useAuth()` of @clerk/react returns in a render at this moment.
 *
 * @see https://github.com/clerk/javascript/blob/main/packages/react/src/hooks/useAuth.ts
 */
function authOf(clerk: Clerk): ClerkAuth {
  return {
    isLoaded: clerk.loaded,
    isSignedIn: clerk.loaded ? Boolean(clerk.session) : undefined,
    sessionId: clerk.session?.id,
    getToken: async options => (clerk.session ? clerk.session.getToken(options) : null),
  };
}

/** Asks as a page does: what this render cannot say, the next one can. */
async function askInRenders(clerk: Clerk, request?: Partial<TokenRequest>): Promise<Verdict> {
  const verdict = await askSource(clerkToken(authOf(clerk)), request, 400);
  return clerk.session ? verdict : askSource(clerkToken(authOf(clerk)), request, 400);
}

const tokenRequests = () => server.requests.filter(({ path }) => path.endsWith('/tokens'));

/** Two instances in one page share what they know of the session: one after the other. */
async function troubledClerk(trouble: string): Promise<Clerk> {
  server.trouble = null;
  hasSession = true;
  vi.restoreAllMocks();
  const clerk = await loadClerk();
  server.trouble = trouble as Trouble;
  hasSession = trouble !== '401';
  return clerk;
}

// Before the troubles: what Clerk repeats because of one goes to the server of the newest instance.
describe('Clerk in good health', () => {
  it('answers from its cache, also ahead of the end: a failed request would cost it the token it has', async () => {
    const clerk = await loadClerk();
    const { token } = await askInRenders(clerk);
    server.trouble = 'drop';
    expect((await askInRenders(clerk, expiring(token ?? ''))).token).toBe(token);
    expect(tokenRequests()).toEqual([]);
  });

  it('skips its cache when the server refused the token', async () => {
    const clerk = await loadClerk();
    const { token } = await askInRenders(clerk);
    const next = await askInRenders(clerk, refused(token ?? ''));
    expect(next.kind).toBe('token');
    expect(next.token).not.toBe(token);
    expect(tokenRequests()).toHaveLength(1);
  });

  it('is signed out when nobody is signed in, once it has loaded', async () => {
    hasSession = false;
    expect((await askInRenders(await loadClerk())).kind).toBe('signed-out');
  });
});

describe('Clerk asked for a new token', () => {
  it.each(Object.entries(matrix.cells))('the server is in trouble: %s', async (trouble, { bare, ours }) => {
    const alone = await troubledClerk(trouble);
    const call = alone.session?.getToken({ skipCache: true }).catch((error: { status: number }) => {
      return `ClerkAPIResponseError ${error.status}`;
    });
    const outcome = await bareAnswer(Promise.resolve(call), String, 400);
    expect(outcome + (alone.session ? '' : ', user dropped')).toBe(bare);

    const paired = await troubledClerk(trouble);
    expect((await askInRenders(paired, refused('former'))).kind).toBe(ours);
  });

  it('a 401 for a session that Clerk still lists is "not now"', async () => {
    const clerk = await loadClerk();
    server.trouble = '401';
    expect((await askInRenders(clerk, refused('former'))).kind).toBe('unavailable');
    server.trouble = null;
    expect((await askInRenders(clerk, refused('former'))).kind).toBe('token');
  });

  it('is of the version that was tested', () => {
    expect(Clerk.version).toBe(matrix.version);
  });
});

describe('what useAuth() says', () => {
  const getToken = () => Promise.resolve('T');

  it.each([
    ['loading', { isLoaded: false, isSignedIn: undefined, getToken }, 'unavailable'],
    ['signed in', { isLoaded: true, isSignedIn: true, getToken }, 'token'],
    ['signed out', { isLoaded: true, isSignedIn: false, getToken }, 'signed-out'],
    [
      'signed in without a token',
      { isLoaded: true, isSignedIn: true, getToken: () => Promise.resolve(null) },
      'unavailable',
    ],
  ] as const)('%s', async (_title, auth, expected) => {
    expect((await askSource(clerkToken(auth))).kind).toBe(expected);
  });

  it('asks for the template that the server reads', async () => {
    const asked = vi.fn((_options?: object) => Promise.resolve('T'));
    const source = clerkToken({ isLoaded: true, isSignedIn: true, getToken: asked }, { template: 'sockets' });
    await askSource(source);
    await askSource(source, refused('T'));
    expect(asked.mock.calls).toEqual([[{ template: 'sockets' }], [{ template: 'sockets', skipCache: true }]]);
  });
});

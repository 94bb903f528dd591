// @vitest-environment jsdom
import { Auth0Client, type ICache } from '@auth0/auth0-spa-js';
import { version } from '@auth0/auth0-spa-js/package.json';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { auth0Token, type Auth0Request } from '../../src/adapters/auth0';
import { createAuthSocket } from '../../src/core';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { askSource, expiring, refused } from './askSource';
import { bareAnswer } from './bareAnswer';
import { startIdentityServer, troubles, type IdentityServer, type Trouble } from './identityServer';
import { auth0 } from './matrix/auth0';

const AUDIENCE = 'https://api.example.com';
const SCOPE = 'openid profile email offline_access';
const LIFE_SECONDS = 600;

let server: IdentityServer;
let issued = 0;

const nowSeconds = () => Math.floor(Date.now() / 1_000);

beforeEach(async () => {
  server = await startIdentityServer({
    answer: () => ({
      body: {
        access_token: accessToken(LIFE_SECONDS),
        id_token: idToken(),
        refresh_token: `refresh-${issued}`,
        expires_in: LIFE_SECONDS,
        token_type: 'Bearer',
        scope: SCOPE,
      },
    }),
  });
});

afterEach(async () => {
  // Without Web Locks, as here, the SDK keeps its lock there.
  localStorage.clear();
  await server.close();
});

function accessToken(lifeSeconds: number): string {
  issued++;
  const iat = nowSeconds();
  return unsignedJwt({ sub: 'auth0|1', iat, exp: iat + lifeSeconds, jti: `${issued}` });
}

/** The SDK looks at its header and claims, not at its signature. */
function idToken(): string {
  const iat = nowSeconds();
  const claims = { iss: `${server.url}/`, aud: 'client', sub: 'auth0|1', iat, exp: iat + LIFE_SECONDS };
  return `${btoa('{"alg":"RS256"}')}.${unsignedJwt(claims).split('.').slice(1).join('.')}`;
}

interface Account {
  /** How long the access token in the cache lives. The SDK answers with it while that is a minute or more. */
  leftSeconds?: number;
  /** The end of the session by the tenant's policy, in epoch seconds. */
  sessionExpiry?: number;
  useRefreshTokens?: boolean;
}

/** A client whose user has logged in before: its cache is as that login left it. */
function loggedInClient({
  leftSeconds = LIFE_SECONDS,
  sessionExpiry,
  useRefreshTokens = true,
}: Account = {}) {
  const entries = new Map<string, unknown>();
  const cache: ICache = {
    get: key => entries.get(key) as never,
    set: (key, entry) => void entries.set(key, entry),
    remove: key => void entries.delete(key),
    allKeys: () => [...entries.keys()],
  };
  const token = accessToken(leftSeconds);
  entries.set(`@@auth0spajs@@::client::${AUDIENCE}::${SCOPE}`, {
    expiresAt: nowSeconds() + leftSeconds,
    body: {
      client_id: 'client',
      audience: AUDIENCE,
      scope: SCOPE,
      access_token: token,
      refresh_token: 'refresh-0',
      expires_in: LIFE_SECONDS,
    },
  });
  const user = { sub: 'auth0|1' };
  entries.set('@@auth0spajs@@::client::@@user@@', {
    id_token: idToken(),
    decodedToken: { claims: { ...user, ...(sessionExpiry && { session_expiry: sessionExpiry }) }, user },
  });
  const client = new Auth0Client({
    domain: server.url,
    clientId: 'client',
    useRefreshTokens,
    cache,
    authorizationParams: { audience: AUDIENCE },
  });
  return { client, token };
}

describe('Auth0 with an expired token', () => {
  it.each(troubles)('the server is in trouble: %s', async trouble => {
    const { bare, ours } = auth0.cells[trouble];
    server.trouble = trouble;
    const alone = loggedInClient({ leftSeconds: -10 }).client;
    const outcome = await bareAnswer(alone.getTokenSilently(), String);
    const isKept = ours === 'signed-out' && (await alone.isAuthenticated());
    expect(outcome + (isKept ? ', user kept' : '')).toBe(bare);

    localStorage.clear();
    const { client } = loggedInClient({ leftSeconds: -10 });
    const verdict = await askSource(auth0Token(client), {}, 400);
    expect(verdict.kind).toBe(ours);
    if (ours === 'unavailable') expect(verdict.cause).toBeDefined();
  });

  it('is of the version that was tested', () => {
    expect(version).toBe(auth0.version);
  });

  it.each(['drop', '500', '503-html', '429'] as const)('works again after the trouble: %s', async trouble => {
    const source = auth0Token(loggedInClient({ leftSeconds: -10 }).client);
    server.trouble = trouble;
    expect((await askSource(source)).kind).toBe('unavailable');
    server.trouble = null;
    expect((await askSource(source)).kind).toBe('token');
  });
});

describe('Auth0 with a token that is about to end', () => {
  it.each(['drop', '500', '503-html', '429', 'hang'] satisfies Trouble[])(
    'T02 the token in hand stays in use: %s',
    async trouble => {
      const { client, token } = loggedInClient({ leftSeconds: 61 });
      const socket = createAuthSocket({ getToken: auth0Token(client), timeouts: { tokenMs: 300 } });
      expect(await socket.getToken()).toBe(token);
      server.trouble = trouble;
      expect(await socket.getToken({ minValidityMs: 120_000 })).toBe(token);
      expect(await socket.getToken({ forceRefresh: true })).toBe(token);
      socket.destroy();
    },
  );
});

describe('Auth0 in good health', () => {
  it('answers from the cache, also ahead of the end while that is more than a minute away', async () => {
    const { client, token } = loggedInClient();
    expect((await askSource(auth0Token(client))).answer).toBe(token);
    expect((await askSource(auth0Token(client), expiring(token))).answer).toBe(token);
    expect(server.requests).toEqual([]);
  });

  it('renews in the last minute', async () => {
    const { client, token } = loggedInClient({ leftSeconds: 30 });
    const next = await askSource(auth0Token(client), expiring(token));
    expect(next.kind).toBe('token');
    expect(next.token).not.toBe(token);
  });

  it('passes the cache by when the server refused the token, and knows how long the new one lives', async () => {
    const { client, token } = loggedInClient();
    const next = await askSource(auth0Token(client), refused(token));
    expect(next.answer).toEqual({ token: expect.any(String), expiresInMs: LIFE_SECONDS * 1_000 });
    expect(next.token).not.toBe(token);
    expect(server.requests).toHaveLength(1);
  });

  it('asks for the API that is named', async () => {
    const asked = vi.fn((_request: Auth0Request) => Promise.resolve({ access_token: 'T', expires_in: 60 }));
    const source = auth0Token({ getTokenSilently: asked }, { audience: AUDIENCE });
    expect((await askSource(source)).answer).toBe('T');
    expect(asked).toHaveBeenCalledWith({
      detailedResponse: true,
      cacheMode: 'on',
      authorizationParams: { audience: AUDIENCE },
    });
  });
});

describe('Auth0 without a session', () => {
  it('is signed out when the session came to the end that the tenant set', async () => {
    const { client } = loggedInClient({ sessionExpiry: nowSeconds() - 60 });
    expect((await askSource(auth0Token(client))).kind).toBe('signed-out');
  });

  it('is signed out when there is no refresh token', async () => {
    const { client } = loggedInClient();
    await client.logout({ openUrl: false });
    expect((await askSource(auth0Token(client))).kind).toBe('signed-out');
  });

  it('is not signed out by an SDK that cannot ask: a cross-origin isolated page has no silent login', async () => {
    vi.stubGlobal('crossOriginIsolated', true);
    const { client } = loggedInClient({ leftSeconds: -10, useRefreshTokens: false });
    expect(await askSource(auth0Token(client))).toMatchObject({
      kind: 'unavailable',
      cause: { error: 'login_required' },
    });
  });

  it.each([
    ['login_required', 'signed-out'],
    ['interaction_required', 'signed-out'],
    ['consent_required', 'signed-out'],
    ['missing_refresh_token', 'signed-out'],
    ['timeout', 'unavailable'],
    ['mfa_required', 'unavailable'],
    ['request_error', 'unavailable'],
    [undefined, 'unavailable'],
  ])('the error %s means %s', async (error, expected) => {
    const source = auth0Token({
      async getTokenSilently() {
        throw Object.assign(new Error('no'), { error });
      },
    });
    expect((await askSource(source)).kind).toBe(expected);
  });
});

/** @see https://github.com/auth0/auth0-react/blob/main/src/auth0-provider.tsx */
describe('the result of useAuth0()', () => {
  const failing = {
    isAuthenticated: false,
    async getAccessTokenSilently(): Promise<never> {
      throw Object.assign(new Error('no'), { error: 'missing_refresh_token' });
    },
  };

  it('asks nothing while Auth0 is loading: before the redirect is handled there is no refresh token', async () => {
    expect((await askSource(auth0Token({ ...failing, isLoading: true }))).kind).toBe('unavailable');
    expect((await askSource(auth0Token({ ...failing, isLoading: false }))).kind).toBe('signed-out');
  });

  it('brings the token', async () => {
    const { client, token } = loggedInClient();
    const source = auth0Token({
      isLoading: false,
      isAuthenticated: true,
      getAccessTokenSilently: request => client.getTokenSilently(request),
    });
    expect((await askSource(source)).token).toBe(token);
  });
});

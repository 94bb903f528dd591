import { afterEach, describe, expect, it } from 'vitest';
import { createCookieFetch, type CookieFetch } from './cookieFetch';
import { startReferenceServer, type ReferenceServer } from './referenceServer';
import type { ReferenceServerOptions } from './serverOptions';
import { MemorySessionStore } from './sessionStore';

const servers: ReferenceServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()));
});

/** A server whose clock only moves when told. */
async function startFrozen(options: ReferenceServerOptions = {}) {
  const server = await startReferenceServer({
    streamIntervalMs: 0,
    now: () => 1_800_000_000_000,
    ...options,
  });
  servers.push(server);
  return server;
}

const jump = (server: ReferenceServer, ms: number) => server.control({ command: 'jumpClock', ms });

interface TokenBody {
  access_token: string;
  expires_in: number;
  error: string;
}

async function post(browser: CookieFetch, url: string, body: unknown = {}) {
  const response = await browser(url, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as TokenBody, headers: response.headers };
}

const login = (browser: CookieFetch, server: ReferenceServer, user = 'ada') =>
  post(browser, `${server.url}/auth/login`, { user });
const refresh = (browser: CookieFetch, server: ReferenceServer) =>
  post(browser, `${server.url}/auth/refresh`);
const me = async (server: ReferenceServer, token: string) => {
  const response = await fetch(`${server.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('login', () => {
  it('answers an access token and sets a cookie that scripts cannot read and only /auth receives', async () => {
    const server = await startFrozen();
    const browser = createCookieFetch();
    const { status, body, headers } = await login(browser, server);
    expect(status).toBe(200);
    expect(body.expires_in).toBe(900);
    expect(headers.getSetCookie()[0]).toMatch(/^refresh_\d+=[^;]+; Path=\/auth; HttpOnly; SameSite=Lax$/);
    expect(browser.cookieFor(`${server.url}/auth/refresh`)).not.toBe('');
    expect(browser.cookieFor(`${server.url}/api/me`)).toBe('');
    expect((await me(server, body.access_token)).body).toMatchObject({ user: 'ada', expires_in: 900 });
  });

  it.each([null, '', 5, 'a'.repeat(65), 'a;b'])('refuses %j as a user', async user => {
    const server = await startFrozen();
    expect(await login(createCookieFetch(), server, user as unknown as string)).toMatchObject({
      status: 400,
      body: { error: 'invalid_user' },
    });
  });

  it('writes whole seconds into a long token and fractions into a short one', async () => {
    const long = await startFrozen({ now: () => 1_800_000_000_750 });
    const short = await startFrozen({ accessTtlMs: 500 });
    const read = async (server: ReferenceServer) => {
      const { token } = await server.issueToken('ada');
      return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as {
        iat: number;
        exp: number;
      };
    };
    expect(await read(long)).toMatchObject({ iat: 1_800_000_000, exp: 1_800_000_900 });
    expect(await read(short)).toMatchObject({ iat: 1_800_000_000, exp: 1_800_000_000.5 });
  });
});

describe('refresh', () => {
  it('rotates the cookie with every use', async () => {
    const server = await startFrozen();
    const browser = createCookieFetch();
    await login(browser, server);
    const seen = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      seen.add(browser.cookieFor(`${server.url}/auth/refresh`));
      expect((await refresh(browser, server)).status).toBe(200);
    }
    expect(seen.size).toBe(4);
    expect(server.stats()).toMatchObject({ refreshes: 4, graces: 0, replays: 0 });
  });

  it('revokes the whole family when a spent cookie comes back after its grace', async () => {
    const server = await startFrozen({ refreshGraceMs: 10_000 });
    const browser = createCookieFetch();
    const { body } = await login(browser, server);
    const thief = browser.clone();
    await refresh(browser, server);
    await jump(server, 10_000);
    expect(await refresh(thief, server)).toMatchObject({ status: 401, body: { error: 'invalid_grant' } });
    expect(await refresh(browser, server)).toMatchObject({ status: 401, body: { error: 'session_revoked' } });
    expect((await me(server, body.access_token)).status).toBe(401);
    expect(server.stats()).toMatchObject({
      replays: 1,
      familiesRevoked: 1,
      sessionsEnded: { replayed: 1 },
      unauthorized: { '/auth/refresh': 2, '/api/me': 1 },
    });
  });

  it('accepts the immediate predecessor within the grace and leads it to the same successor', async () => {
    const server = await startFrozen({ refreshGraceMs: 10_000 });
    const browser = createCookieFetch();
    await login(browser, server);
    const sibling = browser.clone();
    await refresh(browser, server);
    await jump(server, 9_999);
    expect((await refresh(sibling, server)).status).toBe(200);
    const url = `${server.url}/auth/refresh`;
    expect(sibling.cookieFor(url)).toBe(browser.cookieFor(url));
    expect(server.stats()).toMatchObject({ refreshes: 2, graces: 1, replays: 0 });
  });

  it('treats the cookie before the predecessor as a replay, however recent', async () => {
    const server = await startFrozen({ refreshGraceMs: 30_000 });
    const browser = createCookieFetch();
    await login(browser, server);
    const old = browser.clone();
    await refresh(browser, server);
    await refresh(browser, server);
    expect((await refresh(old, server)).body.error).toBe('invalid_grant');
    expect(server.stats().familiesRevoked).toBe(1);
  });

  it('without grace the second of two uses at once ends the family', async () => {
    const server = await startFrozen({ refreshGraceMs: 0 });
    const browser = createCookieFetch();
    await login(browser, server);
    const tabs = [browser.clone(), browser.clone()];
    const answers = await Promise.all(tabs.map(tab => refresh(tab, server)));
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([200, 401]));
    expect(server.stats()).toMatchObject({ replays: 1, familiesRevoked: 1 });
  });

  it('tells a missing cookie from a forged one and harms no session by the latter', async () => {
    const server = await startFrozen();
    const browser = createCookieFetch();
    await login(browser, server);
    expect((await refresh(createCookieFetch(), server)).body.error).toBe('login_required');
    const cookie = browser.cookieFor(`${server.url}/auth/refresh`);
    const forged = await fetch(`${server.url}/auth/refresh`, {
      method: 'POST',
      headers: { cookie: cookie.replace('.1.', '.0.') },
    });
    expect(await forged.json()).toEqual({ error: 'invalid_grant' });
    expect((await refresh(browser, server)).status).toBe(200);
    expect(server.stats().replays).toBe(0);
  });

  it('an answer lost after the rotation costs nobody the session while the grace lasts', async () => {
    const server = await startFrozen();
    const browser = createCookieFetch();
    await login(browser, server);
    server.faults.set('/auth/refresh', { kind: 'offline', when: 'after', count: 1 });
    await expect(refresh(browser, server)).rejects.toThrow('fetch failed');
    expect((await refresh(browser, server)).status).toBe(200);
    expect(server.stats()).toMatchObject({ refreshes: 2, graces: 1, familiesRevoked: 0 });
  });
});

describe('session life', () => {
  it('slides with every touch, at most one a minute', async () => {
    const server = await startFrozen({ sessionTtlMs: 1_800_000, accessTtlMs: 7_200_000 });
    const { token } = await server.issueToken('ada');
    for (let minute = 0; minute < 40; minute += 1) {
      await jump(server, 60_000);
      await me(server, token);
      await me(server, token);
    }
    expect(server.stats().touches).toBe(40);
    await jump(server, 1_800_000);
    expect(await me(server, token)).toMatchObject({ status: 401, body: { error: 'session_expired' } });
    expect(server.stats().sessionsEnded).toEqual({ expired: 1 });
  });

  it('ends at a fixed time when it does not slide, and the cookie says so', async () => {
    const server = await startFrozen({ sessionTtlMs: 1_800_000, sliding: false });
    const browser = createCookieFetch();
    const { headers } = await login(browser, server);
    expect(headers.getSetCookie()[0]).toContain('Max-Age=1800;');
    await jump(server, 1_799_999);
    expect((await refresh(browser, server)).status).toBe(200);
    await jump(server, 1);
    expect((await refresh(browser, server)).body.error).toBe('session_expired');
  });

  it('is not prolonged by refreshes alone', async () => {
    const server = await startFrozen({ sessionTtlMs: 1_800_000 });
    const browser = createCookieFetch();
    await login(browser, server);
    await jump(server, 1_000_000);
    expect((await refresh(browser, server)).status).toBe(200);
    await jump(server, 1_000_000);
    expect((await refresh(browser, server)).body.error).toBe('session_expired');
  });

  it('outlives a restart of the server when store, secret and port stay', async () => {
    const shared = { store: new MemorySessionStore(), secret: 'shared' };
    const first = await startFrozen(shared);
    const browser = createCookieFetch();
    await login(browser, first);
    await first.close();
    const second = await startFrozen({ ...shared, port: first.port });
    expect((await refresh(browser, second)).status).toBe(200);
  });
});

describe('logout', () => {
  it('ends this session and leaves the other device alone', async () => {
    const server = await startFrozen();
    const laptop = createCookieFetch();
    const phone = createCookieFetch();
    const { body } = await login(laptop, server);
    await login(phone, server);
    expect((await post(laptop, `${server.url}/auth/logout`)).body).toEqual({ ended: 1 });
    expect((await me(server, body.access_token)).body).toEqual({ error: 'token_revoked' });
    expect((await refresh(laptop, server)).body.error).toBe('login_required');
    expect((await refresh(phone, server)).status).toBe(200);
  });

  it('ends every session of the user when asked for all, and only theirs', async () => {
    const server = await startFrozen();
    const [laptop, phone, other] = [createCookieFetch(), createCookieFetch(), createCookieFetch()];
    await login(laptop, server);
    await login(phone, server);
    await login(other, server, 'grace');
    expect((await post(laptop, `${server.url}/auth/logout`, { all: true })).body).toEqual({ ended: 2 });
    expect((await refresh(phone, server)).body.error).toBe('session_revoked');
    expect((await refresh(other, server)).status).toBe(200);
  });

  it('works with a bearer token in place of the cookie', async () => {
    const server = await startFrozen();
    const { token } = await server.issueToken('ada');
    const response = await fetch(`${server.url}/auth/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await response.json()).toEqual({ ended: 1 });
  });
});

describe('access tokens', () => {
  it('are refused from their expiry plus leeway on', async () => {
    const server = await startFrozen({ accessTtlMs: 60_000, leewayMs: 5_000 });
    const { token } = await server.issueToken('ada');
    await jump(server, 64_999);
    expect((await me(server, token)).status).toBe(200);
    await jump(server, 1);
    expect((await me(server, token)).body).toEqual({ error: 'token_expired' });
  });

  it('evict the oldest above the cap, and expired ones do not count', async () => {
    const server = await startFrozen({ tokensPerUser: 2, accessTtlMs: 60_000 });
    const first = await server.issueToken('ada');
    await server.issueToken('ada');
    expect((await me(server, first.token)).status).toBe(200);
    await server.issueToken('ada');
    expect((await me(server, first.token)).body).toEqual({ error: 'token_revoked' });
    await jump(server, 60_000);
    await server.issueToken('ada');
    await server.issueToken('ada');
    expect(server.stats()).toMatchObject({ evictions: 1, liveTokens: { now: 2, max: 2, maxPerUser: 2 } });
  });

  it.each([
    ['no header', undefined, 'token_required'],
    ['garbage', 'Bearer abc', 'token_invalid'],
    ['another server', 'other', 'token_invalid'],
  ])('are checked: %s', async (_case, header, error) => {
    const server = await startFrozen();
    const stranger = await startFrozen();
    const authorization = header === 'other' ? `Bearer ${(await stranger.issueToken('ada')).token}` : header;
    const response = await fetch(`${server.url}/api/me`, { headers: authorization ? { authorization } : {} });
    expect([response.status, await response.json()]).toEqual([401, { error }]);
  });

  it('do not pass unsigned', async () => {
    const server = await startFrozen();
    const { token } = await server.issueToken('ada');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    expect((await me(server, `${header}.${token.split('.')[1]}.`)).body).toEqual({ error: 'token_invalid' });
  });

  it('carry the skew of the server', async () => {
    const server = await startFrozen({ skewMs: 600_000 });
    const { token } = await server.issueToken('ada');
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { iat: number };
    expect(claims.iat).toBe(1_800_000_600);
    expect((await me(server, token)).status).toBe(200);
  });
});

describe('pages', () => {
  it('on loopback may call with credentials, others may not', async () => {
    const server = await startFrozen();
    const ask = (origin: string, method: string) =>
      fetch(`${server.url}/auth/refresh`, { method, headers: { origin } });
    const preflight = await ask('http://localhost:5173', 'OPTIONS');
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');
    const foreign = await ask('http://localhost.evil.example', 'POST');
    expect(foreign.status).toBe(403);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are limited to `allowedOrigins` when given', async () => {
    const server = await startFrozen({ allowedOrigins: ['http://127.0.0.1:1'] });
    const ask = async (origin: string) =>
      (await fetch(`${server.url}/auth/refresh`, { method: 'POST', headers: { origin } })).status;
    expect(await ask('http://127.0.0.1:1')).toBe(401);
    expect(await ask('http://127.0.0.1:2')).toBe(403);
  });
});

it('echoes and counts what comes twice', async () => {
  const server = await startFrozen();
  const { token } = await server.issueToken('ada');
  const echo = async (id: number) => {
    const response = await fetch(`${server.url}/api/echo`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ id }),
    });
    return response.json();
  };
  expect([await echo(1), await echo(2), await echo(1)]).toEqual([
    { body: { id: 1 }, copies: 1 },
    { body: { id: 2 }, copies: 1 },
    { body: { id: 1 }, copies: 2 },
  ]);
  expect(server.stats().echoes).toEqual({ received: 3, duplicates: 1, ids: [1, 2, 1] });
});

it.each([
  { accessTtlMs: Number.NaN },
  { refreshGraceMs: 30_001 },
  { leewayMs: -1 },
  { speed: 0 },
  { port: 70_000 },
  { cookiePath: 'auth' },
  { reasonStyle: 'xml' as 'json' },
])('refuses the option %j by name', async options => {
  await expect(startReferenceServer(options)).rejects.toThrow(Object.keys(options)[0]);
});

it('speed divides the lives of tokens and sessions', async () => {
  const server = await startFrozen({ speed: 600 });
  expect((await server.issueToken('ada')).expiresInS).toBe(1.5);
});

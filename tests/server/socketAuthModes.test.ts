import { afterEach, describe, expect, it } from 'vitest';
import { createCookieFetch, type CookieFetch } from './cookieFetch';
import { openAuthenticated, openFrames, type FrameClient, type Handshake } from './frameClient';
import { startReferenceServer, type ReferenceServer } from './referenceServer';
import type { ReferenceServerOptions, SocketAuthMode } from './serverOptions';

const servers: ReferenceServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()));
});

async function start(options: ReferenceServerOptions = {}) {
  const server = await startReferenceServer({ streamIntervalMs: 0, expiringSoonMs: 0, ...options });
  servers.push(server);
  return server;
}

interface SignedIn {
  browser: CookieFetch;
  token: string;
}

async function signIn(server: ReferenceServer, user = 'ada'): Promise<SignedIn> {
  const browser = createCookieFetch();
  const login = await browser(`${server.url}/auth/login`, { method: 'POST', body: JSON.stringify({ user }) });
  const { access_token: token } = (await login.json()) as { access_token: string };
  return { browser, token };
}

const asSubprotocol = (token: string) => `bearer.${Buffer.from(token).toString('base64url')}`;

type HandshakeMode = Exclude<SocketAuthMode, 'first-message'>;
const modes: readonly HandshakeMode[] = ['ticket', 'subprotocol', 'cookie'];
const tokenModes = ['ticket', 'subprotocol'] as const;

/** Dials with the credential that this mode wants. */
async function dial(
  mode: HandshakeMode,
  server: ReferenceServer,
  { browser, token }: SignedIn,
  handshake: Handshake = {},
): Promise<FrameClient> {
  switch (mode) {
    case 'ticket': {
      const headers = {
        authorization: `Bearer ${token}`,
        ...(handshake.origin && { origin: handshake.origin }),
      };
      const answer = await fetch(`${server.url}/auth/ticket`, { headers });
      const { ticket = 'none' } = (await answer.json()) as { ticket?: string };
      return openFrames(`${server.wsUrl}?ticket=${ticket}`, handshake);
    }
    case 'subprotocol':
      return openFrames(server.wsUrl, { ...handshake, protocols: ['chat.v1', asSubprotocol(token)] });
    case 'cookie':
      return openFrames(server.wsUrl, { ...handshake, cookie: browser.cookieFor(server.wsUrl) });
  }
}

async function startWithSocket(mode: HandshakeMode, options: ReferenceServerOptions = {}) {
  const server = await start({ socketAuth: mode, ...options });
  const who = await signIn(server);
  const client = await dial(mode, server, who);
  expect(client.errors).toEqual([]);
  return { server, who, client };
}

describe.each(modes)('a credential by %s', mode => {
  it('is all it takes: the socket says auth_ok by itself and takes messages', async () => {
    const { server, client } = await startWithSocket(mode);
    const ready = await client.next('auth_ok');
    if (mode === 'cookie') expect(ready).toEqual({ type: 'auth_ok' });
    else expect(ready.expires_in).toBeGreaterThan(898);
    client.send({ type: 'echo', id: 1 });
    expect(await client.next('echo')).toMatchObject({ copies: 1 });
    client.send({ type: 'auth', token: 'x' });
    expect(await client.next('auth_error')).toMatchObject({ code: 'already_authenticated' });
    const stats = server.stats();
    expect(stats).toMatchObject({ upgrades: 1, authOk: 1, upgradesWithOldToken: 0, authErrors: {} });
    expect(stats.connections[0]).toMatchObject({ user: 'ada', closedAt: null });
    expect(stats.connections[0]?.session).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('may be taken without a word', async () => {
    const { server, client } = await startWithSocket(mode, { readyFrame: false });
    client.send({ type: 'ping' });
    await client.next('pong');
    expect(client.frames).toHaveLength(1);
    expect(server.stats().authOk).toBe(1);
  });

  it('that is missing is refused by HTTP, or by a close with a reason', async () => {
    const server = await start({ socketAuth: mode });
    expect((await openFrames(server.wsUrl)).errors).toEqual(['Unexpected server response: 401']);
    await server.control({ command: 'configure', options: { refuseBy: 'close' } });
    const accepted = await openFrames(server.wsUrl);
    const code = mode === 'cookie' ? 'login_required' : 'auth_required';
    expect(await accepted.closed).toMatchObject({ code: 1008, reason: JSON.stringify({ code }) });
    expect(server.stats()).toMatchObject({
      upgrades: 1,
      upgradesRefused: 1,
      authOk: 0,
      authErrors: { [code]: 2 },
      authCloses: { [code]: 1 },
    });
  });

  it('is refused once the session has ended, and a frame before the close changes nothing', async () => {
    const server = await start({ socketAuth: mode });
    const who = await signIn(server);
    await server.control({ command: 'revokeSession', user: 'ada' });
    expect((await dial(mode, server, who)).errors).toEqual(['Unexpected server response: 401']);
    await server.control({ command: 'configure', options: { refuseBy: 'close' } });
    const client = await dial(mode, server, who);
    client.send({ type: 'echo', id: 1 });
    expect((await client.closed).code).toBe(1008);
    expect(server.stats()).toMatchObject({ authOk: 0, echoes: { received: 0 } });
  });

  it('of a page from elsewhere is not even looked at', async () => {
    const server = await start({ socketAuth: mode, allowedOrigins: ['https://app.example'] });
    const who = await signIn(server);
    const foreign = { origin: 'https://evil.example' };
    expect((await dial(mode, server, who, foreign)).errors).toEqual(['Unexpected server response: 403']);
    await server.control({ command: 'configure', options: { refuseBy: 'close' } });
    expect((await dial(mode, server, who, foreign)).errors).toEqual(['Unexpected server response: 403']);
    const own = await dial(mode, server, who, { origin: 'https://app.example' });
    await own.next('auth_ok');
    expect(server.stats()).toMatchObject({ upgrades: 1, upgradesRefused: 2, tickets: { wrongOrigin: 0 } });
  });

  it('can be turned down on demand although it is good', async () => {
    const server = await start({ socketAuth: mode });
    const who = await signIn(server);
    server.faults.setSocket({ refuseAuth: { code: 'token_expired', count: 1 } });
    expect((await dial(mode, server, who)).errors).toEqual(['Unexpected server response: 401']);
    await (await dial(mode, server, who)).next('auth_ok');
    // Only where the token itself is in the handshake, the same one again is a mistake of the client.
    expect(server.stats().upgradesWithOldToken).toBe(mode === 'subprotocol' ? 1 : 0);
  });

  it('lets a socket in that ends with its session', async () => {
    const { server, who, client } = await startWithSocket(mode);
    await client.next('auth_ok');
    await who.browser(`${server.url}/auth/logout`, { method: 'POST' });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"session_revoked"}' });
  });
});

describe.each(tokenModes)('a token in band on a socket by %s', mode => {
  it('takes the place of the first', async () => {
    const { server, who, client } = await startWithSocket(mode);
    await client.next('auth_ok');
    await server.control({ command: 'jumpClock', ms: 600_000 });
    const refreshed = await who.browser(`${server.url}/auth/refresh`, { method: 'POST' });
    const { access_token: token } = (await refreshed.json()) as { access_token: string };
    client.send({ type: 'auth_refresh', id: 1, token });
    expect(await client.next('auth_ok')).toMatchObject({ id: 1 });
    await server.control({ command: 'jumpClock', ms: 600_000 });
    client.send({ type: 'ping' });
    await client.next('pong');
    await server.control({ command: 'jumpClock', ms: 301_000 });
    expect(await client.closed).toMatchObject({ reason: '{"code":"token_expired"}' });
    expect(server.stats().refreshFrames).toMatchObject({ received: 1, acked: 1, refused: 0 });
  });

  it('of another user closes it', async () => {
    const { server, client } = await startWithSocket(mode);
    client.send({ type: 'auth_refresh', id: 1, token: (await server.issueToken('grace')).token });
    expect(await client.next('auth_error')).toMatchObject({ id: 1, code: 'subject_mismatch' });
    expect((await client.closed).code).toBe(1008);
  });
});

describe('the subprotocol', () => {
  it('that both sides speak is the only one that is echoed', async () => {
    const { client } = await startWithSocket('subprotocol');
    expect(client.socket.protocol).toBe('chat.v1');
  });

  it('can have another name, and is echoed whatever the credential is', async () => {
    const server = await start({ subprotocol: 'v2.json' });
    const client = await openFrames(server.wsUrl, { protocols: ['other', 'v2.json'] });
    expect(client.socket.protocol).toBe('v2.json');
  });

  it('is not made up, and a token is never repeated: a browser leaves then', async () => {
    const server = await start({ socketAuth: 'subprotocol' });
    const { token } = await signIn(server);
    const client = await openFrames(server.wsUrl, { protocols: [asSubprotocol(token)] });
    expect(client.errors).toEqual(['Server sent no subprotocol']);
  });

  it.each([
    ['nothing', 'bearer.'],
    ['what is no base64', 'bearer.%'],
    ['what is no JWT', 'bearer.e30'],
    ['9 kB', `bearer.${'A'.repeat(9_000)}`],
  ])('with %s in the place of a token is refused and harms nothing', async (_what, offered) => {
    const server = await start({ socketAuth: 'subprotocol' });
    const client = await openFrames(server.wsUrl, { protocols: ['chat.v1', offered] });
    expect(client.errors).toHaveLength(1);
    expect(server.stats()).toMatchObject({ upgrades: 0, upgradesRefused: 1, upgradesWithOldToken: 0 });
  });

  it('with an expired token counts as old', async () => {
    const server = await start({ socketAuth: 'subprotocol' });
    const who = await signIn(server);
    await server.control({ command: 'expireNow' });
    await dial('subprotocol', server, who);
    expect(server.stats()).toMatchObject({ upgradesWithOldToken: 1, authErrors: { token_expired: 1 } });
  });
});

describe('the cookie of sockets', () => {
  it('goes to /ws alone, as the refresh cookie goes to /auth alone, and scripts see neither', async () => {
    const server = await start({ socketAuth: 'cookie' });
    const { browser } = await signIn(server);
    const response = await browser(`${server.url}/auth/refresh`, { method: 'POST' });
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^refresh_\d+=[^;]+; Path=\/auth; HttpOnly; SameSite=Lax$/),
      expect.stringMatching(/^socket_\d+=[^;]+; Path=\/ws; HttpOnly; SameSite=Lax$/),
    ]);
    expect(browser.cookieFor(server.wsUrl)).toMatch(/^socket_\d+=[^;]+$/);
    expect(browser.cookieFor(`${server.url}/auth/refresh`)).toMatch(/^refresh_\d+=[^;]+$/);
    expect(browser.cookieFor(`${server.url}/api/me`)).toBe('');
  });

  it('is not set by a server that has no use for it', async () => {
    const server = await start();
    const { browser } = await signIn(server);
    expect(browser.cookieFor(server.wsUrl)).toBe('');
  });

  it('stays the same over refreshes and is taken away by a logout', async () => {
    const server = await start({ socketAuth: 'cookie' });
    const { browser } = await signIn(server);
    const before = browser.cookieFor(server.wsUrl);
    await browser(`${server.url}/auth/refresh`, { method: 'POST' });
    expect(browser.cookieFor(server.wsUrl)).toBe(before);
    await browser(`${server.url}/auth/logout`, { method: 'POST' });
    expect(browser.cookieFor(server.wsUrl)).toBe('');
  });

  it('cannot be made up, nor the refresh cookie be used in its place', async () => {
    const server = await start({ socketAuth: 'cookie' });
    const { browser } = await signIn(server);
    const good = browser.cookieFor(server.wsUrl);
    const [name = '', value = ''] = good.split('=');
    const refresh = browser.cookieFor(`${server.url}/auth/refresh`).split('=')[1] ?? '';
    for (const bad of [`${value}x`, value.split('.')[0], 'x', refresh]) {
      const client = await openFrames(server.wsUrl, { cookie: `${name}=${bad}` });
      expect(client.errors).toEqual(['Unexpected server response: 401']);
    }
    await (await openFrames(server.wsUrl, { cookie: `other=1; ${good}` })).next('auth_ok');
  });

  it('keeps its socket beyond every token, and a token in band changes nothing about that', async () => {
    const { server, who, client } = await startWithSocket('cookie');
    await client.next('auth_ok');
    client.send({ type: 'auth_refresh', id: 1, token: who.token });
    expect(await client.next('auth_ok')).toMatchObject({ id: 1 });
    await server.control({ command: 'expireNow' });
    await server.control({ command: 'jumpClock', ms: 1_000_000 });
    client.send({ type: 'echo', id: 1 });
    await client.next('echo');
    await server.control({ command: 'jumpClock', ms: 1_800_000 });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"session_expired"}' });
    expect(server.stats()).toMatchObject({ touches: 1, sessionsEnded: { expired: 1 } });
  });
});

describe('a server that takes several', () => {
  it('goes by what the upgrade carries', async () => {
    const server = await start({ socketAuth: ['first-message', ...modes] });
    const who = await signIn(server);
    for (const mode of modes) await (await dial(mode, server, who)).next('auth_ok');
    await openAuthenticated(server.wsUrl, who.token);
    expect(server.stats()).toMatchObject({ authOk: 4, upgradesWithoutTicket: 0, tickets: { used: 1 } });
  });

  it('does not take what it was not told to', async () => {
    const server = await start({ socketAuth: ['ticket', 'cookie'] });
    const who = await signIn(server);
    expect((await dial('subprotocol', server, who)).errors).toHaveLength(1);
    expect(server.stats()).toMatchObject({ upgradesWithoutTicket: 1 });
  });

  it.each([
    { socketAuth: [] },
    { socketAuth: 'query' as 'ticket' },
    { refuseBy: 'silence' as 'http' },
    { subprotocol: 'a, b' },
    { ticketTtlMs: -1 },
    { closeStyle: 'loud' as 'bare' },
  ])('cannot be started with %j', async options => {
    await expect(startReferenceServer(options)).rejects.toThrow(Object.keys(options)[0]);
  });
});

describe('policy closes', () => {
  it.each([
    ['policy', 'token_expired', 1008],
    ['policy', 'session_revoked', 1008],
    ['44xx', 'token_expired', 4401],
    ['44xx', 'session_revoked', 4403],
    ['liveblocks', 'token_expired', 4109],
    ['liveblocks', 'session_revoked', 4100],
    ['pusher', 'token_expired', 4009],
    ['pusher', 'session_revoked', 4009],
  ] as const)('in the style %s say %s by %i', async (closeStyle, word, code) => {
    const server = await start({ closeStyle, reasonStyle: 'word' });
    const { token } = await server.issueToken('ada');
    const client = await openAuthenticated(server.wsUrl, token);
    await server.control({ command: word === 'token_expired' ? 'expireNow' : 'revokeSession', user: 'ada' });
    expect(await client.closed).toMatchObject({ code, reason: word });
    expect(server.stats().authCloses).toEqual({ [word]: 1 });
  });

  it('in the style bare are no close at all, behind the last frame', async () => {
    const server = await start({ closeStyle: 'bare', expiryFrame: true });
    const { token } = await server.issueToken('ada');
    const client = await openAuthenticated(server.wsUrl, token);
    await server.control({ command: 'expireNow' });
    expect(await client.closed).toMatchObject({ code: 1006, reason: '' });
    expect(client.frames.map(({ type }) => type)).toEqual(['auth_ok', 'session_expired']);
    expect(client.errors).toEqual([]);
    const { connections, authCloses } = await server.waitFor(({ sockets }) => sockets.open === 0);
    expect(connections[0]).toMatchObject({ code: 1006, closedBy: 'server' });
    expect(authCloses).toEqual({ token_expired: 1 });
  });

  it('refuse a first message in that style, too', async () => {
    const server = await start({ closeStyle: '44xx', reasonStyle: 'none', authDeadlineMs: 50 });
    expect(await (await openFrames(server.wsUrl)).closed).toMatchObject({ code: 4408, reason: '' });
    const client = await openFrames(server.wsUrl);
    client.send({ type: 'auth', token: 'rubbish' });
    expect(await client.closed).toMatchObject({ code: 4401, reason: '' });
  });
});

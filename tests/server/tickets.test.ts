import { afterEach, describe, expect, it } from 'vitest';
import { createCookieFetch, type CookieFetch } from './cookieFetch';
import { openFrames, type FrameClient, type Handshake } from './frameClient';
import { startReferenceServer, type ReferenceServer } from './referenceServer';
import type { ReferenceServerOptions } from './serverOptions';

const servers: ReferenceServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()));
});

/** A server that takes tickets and nothing else. */
async function start(options: ReferenceServerOptions = {}) {
  const server = await startReferenceServer({
    socketAuth: 'ticket',
    streamIntervalMs: 0,
    expiringSoonMs: 0,
    ...options,
  });
  servers.push(server);
  return server;
}

interface TicketAnswer {
  status: number;
  ticket: string;
  expires_in: number;
  error: string;
}

async function askTicket(
  server: ReferenceServer,
  headers: Record<string, string> = {},
  { method = 'GET', browser = fetch }: { method?: string; browser?: CookieFetch | typeof fetch } = {},
): Promise<TicketAnswer> {
  const response = await browser(`${server.url}/auth/ticket`, { method, headers });
  return { status: response.status, ...((await response.json()) as Omit<TicketAnswer, 'status'>) };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const dial = (server: ReferenceServer, ticket: string, handshake?: Handshake): Promise<FrameClient> =>
  openFrames(`${server.wsUrl}?ticket=${ticket}`, handshake);

async function signIn(server: ReferenceServer): Promise<CookieFetch> {
  const browser = createCookieFetch();
  await browser(`${server.url}/auth/login`, { method: 'POST', body: '{"user":"ada"}' });
  return browser;
}

describe('a ticket', () => {
  it.each(['GET', 'POST'])('is given for an access token (%s), and lets one socket in', async method => {
    const server = await start();
    const { token, session } = await server.issueToken('ada');
    const { status, ticket, expires_in: lifeS } = await askTicket(server, bearer(token), { method });
    expect([status, lifeS]).toEqual([200, 300]);
    expect(ticket).toMatch(/^[0-9a-f]{64}$/);
    const client = await dial(server, ticket);
    expect((await client.next('auth_ok')).expires_in).toBeGreaterThan(898);
    client.send({ type: 'echo', id: 1 });
    await client.next('echo');
    const stats = server.stats();
    expect(stats).toMatchObject({
      upgrades: 1,
      upgradesWithoutTicket: 0,
      authOk: 1,
      tickets: { issued: 1, used: 1, reused: 0, expired: 0, wrongOrigin: 0, unknown: 0 },
    });
    expect(stats.connections[0]).toMatchObject({ user: 'ada', session });
    expect(stats.tickets.maxAgeAtUseMs).toBeLessThan(5_000);
  });

  it('is given for the refresh cookie, which is not spent by it', async () => {
    const server = await start();
    const browser = await signIn(server);
    for (let round = 0; round < 3; round += 1) {
      const client = await dial(server, (await askTicket(server, {}, { browser })).ticket);
      // Behind this one stands the session, and no token that could lapse.
      expect(await client.next('auth_ok')).toEqual({ type: 'auth_ok' });
    }
    expect(server.stats()).toMatchObject({ refreshes: 0, tickets: { issued: 3, used: 3 } });
  });

  it('is good for one handshake', async () => {
    const server = await start();
    const { ticket } = await askTicket(server, bearer((await server.issueToken('ada')).token));
    await dial(server, ticket);
    expect((await dial(server, ticket)).errors).toEqual(['Unexpected server response: 401']);
    expect(server.stats()).toMatchObject({
      upgrades: 1,
      upgradesRefused: 1,
      authErrors: { ticket_invalid: 1 },
      tickets: { used: 1, reused: 1 },
    });
  });

  it('given to two handshakes at once lets one in', async () => {
    const server = await start();
    const { ticket } = await askTicket(server, bearer((await server.issueToken('ada')).token));
    const clients = await Promise.all(Array.from({ length: 5 }, () => dial(server, ticket)));
    expect(clients.filter(({ errors }) => errors.length === 0)).toHaveLength(1);
    expect(server.stats().tickets).toMatchObject({ used: 1, reused: 4 });
  });

  it('lives for five minutes, and one that comes too late is spent all the same', async () => {
    const server = await start();
    const { token } = await server.issueToken('ada');
    const tickets = [await askTicket(server, bearer(token)), await askTicket(server, bearer(token))];
    await server.control({ command: 'jumpClock', ms: 299_900 });
    await (await dial(server, tickets[0]!.ticket)).next('auth_ok');
    await server.control({ command: 'jumpClock', ms: 200 });
    expect((await dial(server, tickets[1]!.ticket)).errors).toHaveLength(1);
    await dial(server, tickets[1]!.ticket);
    const { tickets: counts } = server.stats();
    expect(counts).toMatchObject({ used: 1, expired: 1, reused: 1 });
    expect(counts.maxAgeAtUseMs).toBeGreaterThanOrEqual(299_900);
  });

  it('has a life that can be set and that `speed` divides', async () => {
    const server = await start({ ticketTtlMs: 60_000, speed: 60 });
    expect((await askTicket(server, bearer((await server.issueToken('ada')).token))).expires_in).toBe(1);
  });

  it('that nobody gave out is refused', async () => {
    const server = await start();
    expect((await dial(server, 'f'.repeat(64))).errors).toEqual(['Unexpected server response: 401']);
    expect(server.stats().tickets.unknown).toBe(1);
  });

  it('belongs to the origin of the page that asked, and is spent by a page of another', async () => {
    const server = await start();
    const { token } = await server.issueToken('ada');
    const [mine, other] = ['http://127.0.0.1:1', 'http://127.0.0.1:2'];
    const ask = async (headers: Record<string, string>) =>
      (await askTicket(server, { ...bearer(token), ...headers })).ticket;
    await (await dial(server, await ask({ origin: mine }), { origin: mine })).next('auth_ok');
    // What a page fetches from its own origin carries no Origin.
    await (await dial(server, await ask({ referer: `${mine}/page?q` }), { origin: mine })).next('auth_ok');
    const stolen = await ask({ origin: mine });
    expect((await dial(server, stolen, { origin: other })).errors).toEqual([
      'Unexpected server response: 403',
    ]);
    expect((await dial(server, stolen, { origin: mine })).errors).toHaveLength(1);
    expect((await dial(server, await ask({}), { origin: mine })).errors).toHaveLength(1);
    expect(server.stats().tickets).toMatchObject({ used: 2, wrongOrigin: 2, reused: 1 });
  });

  it('is worth nothing once its token or its session has ended', async () => {
    const server = await start();
    const { token, session } = await server.issueToken('ada');
    const { ticket: late } = await askTicket(server, bearer(token));
    await server.control({ command: 'expireNow', session });
    expect((await dial(server, late)).errors).toEqual(['Unexpected server response: 401']);
    const browser = await signIn(server);
    const { ticket: revoked } = await askTicket(server, {}, { browser });
    await server.control({ command: 'revokeSession', user: 'ada' });
    expect((await dial(server, revoked)).errors).toEqual(['Unexpected server response: 401']);
    expect(server.stats().authErrors).toEqual({ token_expired: 1, session_revoked: 1 });
  });
});

describe('the ticket endpoint', () => {
  it('answers 401 token_expired when the access token has lapsed, although the cookie is good', async () => {
    const server = await start();
    const browser = await signIn(server);
    const { token } = await server.issueToken('ada');
    await server.control({ command: 'expireNow' });
    const answer = await askTicket(server, bearer(token), { browser });
    expect(answer).toMatchObject({ status: 401, error: 'token_expired' });
    expect(server.stats()).toMatchObject({ unauthorized: { '/auth/ticket': 1 }, tickets: { issued: 0 } });
    expect((await askTicket(server, {}, { browser })).status).toBe(200);
  });

  it('says why it gives none', async () => {
    const server = await start({ refreshGraceMs: 10_000, now: () => 1_800_000_000_000 });
    expect(await askTicket(server)).toMatchObject({ status: 401, error: 'login_required' });
    expect(await askTicket(server, bearer('rubbish'))).toMatchObject({ error: 'token_invalid' });
    const browser = await signIn(server);
    const cookie = browser.cookieFor(`${server.url}/auth/ticket`);
    const forged = { cookie: cookie.replace('.1.', '.2.') };
    expect(await askTicket(server, forged)).toMatchObject({ error: 'invalid_grant' });
    await browser(`${server.url}/auth/refresh`, { method: 'POST' });
    expect((await askTicket(server, { cookie })).status).toBe(200);
    await server.control({ command: 'jumpClock', ms: 10_000 });
    expect(await askTicket(server, { cookie })).toMatchObject({ error: 'invalid_grant' });
    // A cookie that is too old for a ticket is no replay: it was not spent.
    expect((await askTicket(server, {}, { browser })).status).toBe(200);
    await server.control({ command: 'revokeSession', user: 'ada' });
    expect(await askTicket(server, {}, { browser })).toMatchObject({ error: 'session_revoked' });
    expect(server.stats().replays).toBe(0);
  });

  it('is no sign of life: a client that reconnects by itself keeps no session', async () => {
    const server = await start({ sessionTtlMs: 1_800_000, accessTtlMs: 7_200_000 });
    const { token } = await server.issueToken('ada');
    const browser = await signIn(server);
    for (let minute = 0; minute < 29; minute += 1) {
      await server.control({ command: 'jumpClock', ms: 60_000 });
      await askTicket(server, bearer(token));
      await askTicket(server, {}, { browser });
    }
    expect(server.stats().touches).toBe(0);
    await server.control({ command: 'jumpClock', ms: 60_000 });
    expect(await askTicket(server, bearer(token))).toMatchObject({ status: 401, error: 'session_expired' });
    expect(await askTicket(server, {}, { browser })).toMatchObject({ error: 'session_expired' });
  });

  it('refuses pages from elsewhere', async () => {
    const server = await start({ allowedOrigins: ['https://app.example'] });
    const { token } = await server.issueToken('ada');
    const ask = (origin: string) => askTicket(server, { ...bearer(token), origin }, { method: 'POST' });
    expect((await ask('https://app.example')).status).toBe(200);
    expect(await ask('https://evil.example')).toMatchObject({ status: 403, error: 'origin_refused' });
    expect(server.stats().tickets.issued).toBe(1);
  });

  it('fails as any other endpoint when it is told to', async () => {
    const server = await start();
    const { token } = await server.issueToken('ada');
    server.faults.set('/auth/ticket', [{ kind: '503', count: 1 }, { kind: '401-once' }]);
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await askTicket(server, bearer(token))).status);
    expect(statuses).toEqual([503, 401, 200]);
  });
});

describe('a server that takes tickets only', () => {
  it('refuses an upgrade without one, and counts it', async () => {
    const server = await start();
    const client = await openFrames(server.wsUrl);
    expect(client.errors).toEqual(['Unexpected server response: 401']);
    expect(server.stats()).toMatchObject({
      upgrades: 0,
      upgradesRefused: 1,
      upgradesWithoutTicket: 1,
      unauthorized: { '/ws': 1 },
      authErrors: { auth_required: 1 },
    });
  });

  it('ends a socket with the token that its ticket was given for', async () => {
    const server = await start();
    const { token } = await server.issueToken('ada');
    const client = await dial(server, (await askTicket(server, bearer(token))).ticket);
    await client.next('auth_ok');
    await server.control({ command: 'jumpClock', ms: 900_000 });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"token_expired"}' });
  });

  it('ends a socket whose ticket was given for a cookie with its session, not with any token', async () => {
    const server = await start();
    const browser = await signIn(server);
    const client = await dial(server, (await askTicket(server, {}, { browser })).ticket);
    await client.next('auth_ok');
    await server.control({ command: 'expireNow' });
    await server.control({ command: 'jumpClock', ms: 900_000 });
    client.send({ type: 'ping' });
    await client.next('pong');
    await browser(`${server.url}/auth/logout`, { method: 'POST' });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"session_revoked"}' });
  });
});

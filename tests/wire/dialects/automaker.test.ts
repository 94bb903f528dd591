import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { jsonProtocol, tokenRejected, unavailable, type Platform } from '../../../src/core';
import { automaker } from '../../../src/protocols/automaker';
import { seededRandom } from '../../../src/testing/seededRandom';
import { startChaosProxy } from '../../server/chaosProxy';
import { AutomakerReportedClient } from '../../server/dialects/automakerReportedClient';
import { playAutomakerOutage } from '../../server/dialects/automakerOutage';
import {
  startAutomakerServer,
  type AutomakerServer,
  type AutomakerServerOptions,
} from '../../server/dialects/automakerServer';
import { signInAtAutomaker, type AutomakerVisitor } from '../../server/dialects/automakerVisitor';
import { startDialectHost } from '../../server/dialects/dialectHost';
import { TokenBook } from '../../server/dialects/tokenBook';
import { fastClock } from '../../server/fastClock';
import type { EndpointFault } from '../../server/faultInjector';
import { connectDialect, isOpen, type DialectClient } from './dialectClient';

const tokenPath = '/api/auth/token';
const tokenRoute = `GET ${tokenPath}`;

async function start(options: AutomakerServerOptions = {}): Promise<AutomakerServer> {
  const server = await startAutomakerServer(options);
  onTestFinished(() => server.close());
  return server;
}

const ports = { WebSocket: WebSocket as unknown as Platform['WebSocket'] };

/** Lives thirty times as fast as the server. Its own deadlines are longer, so that a busy machine does not meet them. */
const fast = {
  platform: { ...ports, clock: fastClock(30) },
  timeouts: { tokenMs: 120_000, dialMs: 120_000, readyMs: 120_000, probeMs: 60_000 },
  heartbeat: { timeoutMs: 120_000 },
};

type Options = Parameters<typeof connectDialect>[0];

/** Our client at automaker, signed in by a cookie. */
async function visit(
  server: AutomakerServer,
  options: Options = {},
): Promise<DialectClient & { visitor: AutomakerVisitor }> {
  const visitor = await signInAtAutomaker(server);
  const protocol = automaker({ getTicket: visitor.getTicket });
  return { ...connectDialect({ url: server.url, protocol, ...fast, ...options }), visitor };
}

/** Cuts the link and waits for the next one. */
async function drop(server: AutomakerServer, client: DialectClient, cut = server.reset): Promise<void> {
  const { connection: before } = client.socket.getStatus();
  cut();
  await client.until(({ link, connection }) => link === 'open' && connection > before);
}

const ticketsAt = ({ upgrades }: AutomakerServer) =>
  upgrades.map(({ target }) => new URL(target, 'http://server').searchParams.get('wsToken'));

/** The HTTP status of an upgrade, asked for by hand; 101 where it becomes a socket. */
function upgrade(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode);
    });
    socket.on('error', reject);
  });
}

describe('the server, asked by hand and by the client as reported', () => {
  it('lets the reported client in with a ticket, tells it events, and takes another ticket after a restart', async () => {
    const server = await start();
    const { fetch } = await signInAtAutomaker(server);
    const events: unknown[] = [];
    const client = new AutomakerReportedClient({
      serverUrl: server.httpUrl,
      fetch,
      reconnectMs: 100,
      onEvent: (type, payload) => events.push({ type, payload }),
    });
    onTestFinished(() => client.destroy());
    void client.connect();
    await expect.poll(() => server.open.size).toBe(1);
    server.emit('agent:stream', { text: 'hi' });
    await expect.poll(() => events).toEqual([{ type: 'agent:stream', payload: { text: 'hi' } }]);
    server.restart(50);
    await expect.poll(() => server.stats.tickets.used, { timeout: 3_000 }).toBe(2);
    expect(new Set(ticketsAt(server)).size).toBe(server.upgrades.length);
    expect(client.loggedOut).toBe(0);
  });

  it('takes a ticket once, and deletes it at the first look although its time is over', async () => {
    const server = await start({ ticketMs: 300 });
    const { fetch } = await signInAtAutomaker(server);
    const ask = async () =>
      ((await (await fetch(`${server.httpUrl}${tokenPath}`)).json()) as { token: string }).token;
    const [good, late] = [await ask(), await ask()];
    expect(good).toMatch(/^[0-9a-f]{64}$/);
    expect(await upgrade(`${server.url}?wsToken=${good}`)).toBe(101);
    expect(await upgrade(`${server.url}?wsToken=${good}`)).toBe(401);
    expect(await upgrade(`${server.url}?wsToken=never-issued`)).toBe(401);
    expect(await upgrade(server.url)).toBe(401);
    await new Promise(resolve => setTimeout(resolve, 310));
    expect(await upgrade(`${server.url}?wsToken=${late}`)).toBe(401);
    expect(await upgrade(`${server.url}?wsToken=${late}`)).toBe(401);
    expect(server.stats.tickets).toMatchObject({ issued: 2, used: 1, reused: 2, expired: 1, unknown: 1 });
    expect(server.stats).toMatchObject({ upgrades: 6, refusedUpgrades: 5, ticketlessUpgrades: 1 });
  });

  it('lets a handshake in by its cookie, and does not look at the ticket then', async () => {
    const server = await start();
    const { fetch, session } = await signInAtAutomaker(server);
    const { token } = (await (await fetch(`${server.httpUrl}${tokenPath}`)).json()) as { token: string };
    const headers = { cookie: `automaker_session=${session}` };
    expect(await upgrade(`${server.url}?wsToken=${token}`, headers)).toBe(101);
    expect(await upgrade(`${server.url}?wsToken=${token}`)).toBe(101);
    expect(server.stats.tickets).toMatchObject({ used: 1, reused: 0 });
  });

  it('judges a stale session header before the good cookie', async () => {
    const server = await start();
    const { fetch } = await signInAtAutomaker(server);
    const status = async (path: string, headers: Record<string, string> = {}) =>
      (await fetch(`${server.httpUrl}${path}`, { headers })).status;
    const stale = { 'x-session-token': 'from-another-life' };
    expect(await status('/api/settings/status')).toBe(200);
    expect(await status('/api/settings/status', stale)).toBe(403);
    expect(await status(tokenPath)).toBe(200);
    expect(await status(tokenPath, stale)).toBe(401);
  });

  it('keeps a session for 30 days or until its logout', async () => {
    const server = await start();
    const login = await fetch(`${server.httpUrl}/api/auth/login`, {
      method: 'POST',
      body: JSON.stringify({ apiKey: server.apiKey }),
    });
    expect(login.headers.get('set-cookie')).toMatch(/; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    const visitor = await signInAtAutomaker(server);
    expect(await visitor.isSignedIn()).toBe(true);
    await visitor.fetch(`${server.httpUrl}/api/auth/logout`, { method: 'POST' });
    expect(await visitor.isSignedIn()).toBe(false);
    expect(server.hasSession(visitor.session)).toBe(false);
    expect(server.stats.logouts).toBe(1);
  });
});

describe('timeline 1a: seven bad seconds at the ticket endpoint while the socket is lost', () => {
  const secondMs = 50;

  it.concurrent('the reported client ends the 30-day session itself, and never comes back', async () => {
    const { stats, ...story } = await playAutomakerOutage({ client: 'reported', secondMs, endsAtS: 23 });
    expect(story).toMatchObject({ isSessionAlive: false, openAgainAt: null });
    expect(story.signOuts).toBeGreaterThanOrEqual(3);
    expect(stats.logouts).toBeGreaterThanOrEqual(3);
    expect(stats.ticketlessUpgrades).toBeGreaterThanOrEqual(3);
  });

  it.concurrent.each(['offline', '503'] as const)(
    'by %s it loses only seconds, as was measured: one ticketless upgrade, then back at the next try',
    async kind => {
      const { stats, ...story } = await playAutomakerOutage({ client: 'reported', kind, secondMs });
      expect(story).toMatchObject({ isSessionAlive: true, signOuts: 0 });
      expect(story.openAgainAt).toBeGreaterThan(8);
      expect(stats).toMatchObject({ logouts: 0, ticketlessUpgrades: 1 });
    },
  );

  it.concurrent.each(['403-html', '401', 'offline', '503'] as const)(
    'S1-B ours keeps the session through the very same, and is open again: %s',
    async kind => {
      const { stats, ...story } = await playAutomakerOutage({ client: 'ours', kind, secondMs, endsAtS: 120 });
      expect(story).toMatchObject({ isSessionAlive: true, signOuts: 0 });
      expect(story.openAgainAt).toBeGreaterThan(8);
      expect(stats).toMatchObject({ logouts: 0, ticketlessUpgrades: 0, refusedUpgrades: 0 });
      expect(stats.tickets).toMatchObject({ issued: 2, used: 2, reused: 0 });
    },
  );
});

describe('our client at automaker', () => {
  it('hears events by their topic, and its pings go unanswered', async () => {
    const server = await start();
    const client = await visit(server, { heartbeat: { intervalMs: 2_000, timeoutMs: 1_000 } });
    const streams: unknown[] = [];
    client.socket.onMessage(event => streams.push(event), { topic: 'agent:stream' });
    await client.until(isOpen);
    server.emit('agent:stream', { text: 'hi' });
    server.emit('auto-mode:event');
    await expect.poll(() => client.messages).toHaveLength(2);
    expect(streams).toEqual([{ type: 'agent:stream', payload: { text: 'hi' } }]);
    await expect.poll(() => server.stats.frames, { timeout: 3_000 }).toBeGreaterThanOrEqual(3);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1, session: 'valid' });
  });

  it('T16 twenty reconnects: each with a ticket of its own, none presented twice', async () => {
    const server = await start();
    const client = await visit(server, { reconnect: { stableAfterMs: 0 } });
    await client.until(isOpen);
    for (let n = 0; n < 20; n++) await drop(server, client);
    const tickets = ticketsAt(server);
    expect(tickets.length).toBeGreaterThanOrEqual(21);
    expect(tickets).not.toContain(null);
    expect(new Set(tickets).size).toBe(tickets.length);
    expect(server.stats.tickets).toMatchObject({ reused: 0, expired: 0, unknown: 0 });
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
  });

  it('S1-A random drops and restarts: as many tickets as upgrades, none twice, none old, no logout', async () => {
    const random = seededRandom(350);
    const server = await start();
    const client = await visit(server, {
      platform: { ...fast.platform, random },
      reconnect: { stableAfterMs: 0 },
    });
    await client.until(isOpen);
    for (let n = 0; n < 12; n++) {
      await new Promise(resolve => setTimeout(resolve, random() * 60));
      await drop(server, client, n % 4 === 3 ? () => server.restart(random() * 40) : server.reset);
    }
    const { tickets, upgrades } = server.stats;
    expect(upgrades).toBeGreaterThanOrEqual(13);
    expect(tickets).toMatchObject({ issued: upgrades, used: upgrades, reused: 0, expired: 0, unknown: 0 });
    expect(tickets.maxAgeAtUseMs).toBeLessThanOrEqual(5_000);
    expect(server.stats).toMatchObject({ ticketlessUpgrades: 0, logouts: 0 });
    expect(await client.visitor.isSignedIn()).toBe(true);
    expect({ ends: client.ends, errors: client.errors }).toEqual({ ends: [], errors: [] });
  });

  it.each<EndpointFault>([
    { kind: 'offline', count: 2 },
    { kind: 'hang', count: 1 },
    { kind: '500', count: 2 },
    { kind: '502-html', count: 2 },
    { kind: '503', count: 2, retryAfterS: 1 },
    { kind: '429', count: 2, retryAfterS: 1 },
    { kind: '403-html', count: 2 },
    { kind: '511', count: 2 },
    { kind: '200-html', count: 2 },
    { kind: '401-once' },
  ])('S1-B $kind at the ticket endpoint: no upgrade without a ticket, no logout, open again', async fault => {
    const server = await start();
    const client = await visit(server, fault.kind === 'hang' ? { timeouts: { tokenMs: 10_000 } } : {});
    await client.until(isOpen);
    const before = server.stats.requests[tokenRoute] ?? 0;
    server.faults.set(tokenPath, fault);
    await drop(server, client);
    expect(server.stats.requests[tokenRoute]).toBeGreaterThanOrEqual(before + (fault.count ?? 1) + 1);
    expect(server.stats).toMatchObject({ ticketlessUpgrades: 0, refusedUpgrades: 0, logouts: 0 });
    expect(server.stats.tickets).toMatchObject({ reused: 0, unknown: 0 });
    expect(await client.visitor.isSignedIn()).toBe(true);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    expect({ ends: client.ends, errors: client.errors }).toEqual({ ends: [], errors: [] });
  });

  it('S1-B the wait that a Retry-After names is kept on a real network', async () => {
    const server = await start();
    const times: number[] = [];
    const visitor = await signInAtAutomaker(server);
    const client = await visit(server, {
      platform: ports,
      protocol: automaker({
        getTicket(request) {
          times.push(performance.now());
          return visitor.getTicket(request);
        },
      }),
    });
    await client.until(isOpen);
    server.faults.set(tokenPath, { kind: '503', count: 1, retryAfterS: 1 });
    await drop(server, client);
    const [refused = 0, next = 0] = times.slice(1);
    expect(next - refused).toBeGreaterThanOrEqual(1_000);
  });

  it('S1-C a session that is really over: asked twice, told once, then silence', async () => {
    const server = await start();
    const client = await visit(server);
    await client.until(isOpen);
    server.endSessions();
    server.reset();
    await client.until(({ session }) => session === 'signed-out');
    expect(client.ends).toMatchObject([{ reason: 'Authentication required.', by: 'token-source' }]);
    // Twelve seconds of the client, in which one that went on would have asked several times.
    await new Promise(resolve => setTimeout(resolve, 400));
    expect(server.stats.requests[tokenRoute]).toBe(3);
    expect(server.stats).toMatchObject({ upgrades: 1, logouts: 0 });
    expect(client.ends).toHaveLength(1);
  });

  it('a ticket that the server forgot at a restart costs a refused upgrade and no more', async () => {
    const server = await start();
    const visitor = await signInAtAutomaker(server);
    let isSpoiling = false;
    const client = await visit(server, {
      protocol: automaker({
        async getTicket(request) {
          const answer = await visitor.getTicket(request);
          if (!isSpoiling) return answer;
          isSpoiling = false;
          return 'forgotten-at-the-restart';
        },
      }),
    });
    await client.until(isOpen);
    isSpoiling = true;
    await drop(server, client);
    expect(server.stats).toMatchObject({ refusedUpgrades: 1, ticketlessUpgrades: 0, logouts: 0 });
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    expect(client.ends).toEqual([]);
  });

  it('X02 no ticket is printed, although the server quotes it in its close', async () => {
    const server = await start();
    const client = await visit(server);
    await client.until(isOpen);
    const [spent] = ticketsAt(server);
    for (const socket of server.open) socket.close(4000, `spent: ${spent}`);
    await client.until(({ connection, link }) => connection === 2 && link === 'open');
    const text = client.printed.join('\n');
    expect(text).toContain('spent: [secret]');
    for (const ticket of ticketsAt(server)) expect(text).not.toContain(ticket);
  });
});

/** @see https://github.com/shridarpatil/whatomate/issues/542 */
describe('timeline 1d: a ticket endpoint that needs an access token', () => {
  async function visitWithTokens() {
    const accessTokens = new TokenBook(900_000);
    const server = await start({ accessTokens });
    const client = connectDialect({
      url: server.url,
      ...fast,
      getToken: () => accessTokens.issue('ada'),
      protocol: automaker({
        async getTicket({ token, signal }) {
          const answer = await fetch(`${server.httpUrl}${tokenPath}`, {
            headers: { authorization: `Bearer ${token}` },
            signal,
          });
          if (answer.status === 401) return tokenRejected();
          if (!answer.ok) return unavailable();
          return ((await answer.json()) as { token: string }).token;
        },
      }),
    });
    await client.until(isOpen);
    return { accessTokens, server, client };
  }

  it('an ended token costs one refresh and one more ticket; nobody is signed out', async () => {
    const { accessTokens, server, client } = await visitWithTokens();
    for (const token of accessTokens.all) accessTokens.revoke(token);
    await drop(server, client);
    expect(client.calls.map(({ reason, forceRefresh }) => [reason, forceRefresh])).toEqual([
      ['initial', false],
      ['rejected', true],
    ]);
    expect(server.stats.requests[tokenRoute]).toBe(3);
    expect(server.stats.tickets).toMatchObject({ issued: 2, used: 2 });
    expect(client.ends).toEqual([]);
    for (const token of accessTokens.all) expect(client.printed.join()).not.toContain(token);
  });

  it('a second rejection means "not now": no further refresh, the link is back when the endpoint is', async () => {
    const { server, client } = await visitWithTokens();
    server.faults.set(tokenPath, { kind: '401', count: 5 });
    await drop(server, client);
    expect(client.calls.map(({ reason }) => reason)).toEqual(['initial', 'rejected']);
    expect(server.stats.requests[tokenRoute]).toBe(7);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    expect(client.ends).toEqual([]);
  });
});

describe('a proxy that cuts what is quiet for 60 s, the minute made 1.5 s by the clock', () => {
  const idleCutMs = 1_500;
  const platform = { ...ports, clock: fastClock(60_000 / idleCutMs) };

  async function proxyTo(httpUrl: string) {
    const proxy = await startChaosProxy(Number(new URL(httpUrl).port));
    onTestFinished(() => proxy.close());
    proxy.set({ idleCutMs });
    return proxy;
  }

  async function startJson() {
    const json = await startDialectHost({
      path: '/ws',
      onSocket: socket =>
        socket.on('message', data => {
          const { type } = JSON.parse((data as Buffer).toString()) as { type: string };
          socket.send(JSON.stringify({ type: type === 'auth' ? 'auth_ok' : 'pong' }));
        }),
    });
    onTestFinished(() => json.close());
    return json;
  }

  it('S1-D two idle minutes with the heartbeat need one socket, at automaker and at a JSON server; without it more', async () => {
    const [server, other, json] = await Promise.all([start(), start(), startJson()]);
    const proxies = await Promise.all([server, other, json].map(({ httpUrl }) => proxyTo(httpUrl)));
    const [url, otherUrl, jsonUrl] = proxies.map(({ port }) => `ws://127.0.0.1:${port}`);
    const beating = await visit(server, { platform, url: `${url}/api/events` });
    const silent = await visit(other, { platform, url: `${otherUrl}/api/events`, heartbeat: false });
    const jsonOptions = { protocol: jsonProtocol(), getToken: () => 'access-1' };
    const plain = connectDialect({ ...fast, platform, url: `${jsonUrl}/ws`, ...jsonOptions });
    await Promise.all([beating, silent, plain].map(client => client.until(isOpen)));
    await expect.poll(() => other.stats.upgrades, { timeout: 3_000 }).toBeGreaterThanOrEqual(2);
    await new Promise(resolve => setTimeout(resolve, idleCutMs));
    expect([server.stats.upgrades, json.upgrades.length]).toEqual([1, 1]);
    expect(proxies.map(({ stats }) => stats.idleCut)).toEqual([0, expect.any(Number), 0]);
    expect(other.stats.tickets).toMatchObject({ reused: 0, unknown: 0 });
    expect([...beating.ends, ...silent.ends, ...plain.ends]).toEqual([]);
  });
});

describe('S3-F the terminal socket, whose closes say that the user has to do something', () => {
  it.each([
    ['4001, its own password is missing', 4001, 'forbidden', { token: 'unlocked' }, '?sessionId=s1'],
    ['4002, no terminal is named', 4002, 'protocol', {}, ''],
    ['4003, terminals are disabled', 4003, 'forbidden', { isEnabled: false }, '?sessionId=s1'],
    ['4004, no such terminal', 4004, 'forbidden', {}, '?sessionId=s2'],
  ] as const)('%s: the link stops, nobody is signed out', async (_name, code, stopReason, change, query) => {
    const server = await start({ socket: 'terminal' });
    server.terminal.sessions.add('s1');
    Object.assign(server.terminal, change);
    const client = await visit(server, { url: `${server.url}${query}` });
    await client.until(({ link }) => link === 'stopped');
    expect(client.socket.getStatus()).toMatchObject({ stopReason, session: 'valid', lastClose: { code } });
    expect(server.stats).toMatchObject({ upgrades: 1, ticketlessUpgrades: 0 });
    expect(client.ends).toEqual([]);
  });

  it('a terminal that runs is heard and answers pings; one that ended stops the link', async () => {
    const server = await start({ socket: 'terminal' });
    server.terminal.sessions.add('s1');
    const { getTicket } = await signInAtAutomaker(server);
    const client = await visit(server, {
      url: `${server.url}?sessionId=s1`,
      protocol: automaker({ getTicket, answersPing: true }),
      heartbeat: { intervalMs: 1_000, timeoutMs: 60_000 },
    });
    await client.until(isOpen);
    client.socket.send({ type: 'input', data: 'ls\n' });
    await expect.poll(() => client.messages.map(({ type }) => type)).toEqual(['connected', 'data']);
    await expect.poll(() => server.stats.frames, { timeout: 3_000 }).toBeGreaterThanOrEqual(4);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    client.socket.send({ type: 'input', data: 'exit\n' });
    await client.until(({ link }) => link === 'stopped');
    expect(client.messages.at(-1)).toEqual({ type: 'exit', exitCode: 0 });
    expect(client.socket.getStatus()).toMatchObject({ stopReason: 'forbidden', session: 'valid' });
    expect({ upgrades: server.stats.upgrades, ends: client.ends }).toEqual({ upgrades: 1, ends: [] });
  });
});

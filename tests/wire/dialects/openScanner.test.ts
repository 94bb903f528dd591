import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { signedOut, unavailable, type AuthSocketOptions, type Platform } from '../../../src/core';
import { openScanner } from '../../../src/protocols/openScanner';
import { createCookieFetch, type CookieFetch } from '../../server/cookieFetch';
import { OpenScannerReportedClient } from '../../server/dialects/openScannerReportedClient';
import {
  startOpenScannerServer,
  type OpenScannerServer,
  type OpenScannerServerOptions,
} from '../../server/dialects/openScannerServer';
import { playOpenScannerStorm } from '../../server/dialects/openScannerStorm';
import { connectDialect } from './dialectClient';

const paths = [
  '/ws',
  '/api/ws',
  '/api/admin/ws',
  '/api/v1/ws/listener',
  '/api/v1/ws/admin',
] as const satisfies readonly OpenScannerServerOptions['path'][];

async function start(options: OpenScannerServerOptions = {}): Promise<OpenScannerServer> {
  const server = await startOpenScannerServer({ partingMs: 5, ...options });
  onTestFinished(() => server.close());
  return server;
}

const post = (browser: CookieFetch, server: OpenScannerServer, path: string, init: RequestInit = {}) =>
  browser(`${server.httpUrl}/api${path}`, { method: 'POST', ...init });

async function logIn(server: OpenScannerServer, browser = createCookieFetch()): Promise<string> {
  return tokenIn(await post(browser, server, '/auth/login', { body: '{"username":"ada"}' }));
}

async function tokenIn(answer: Response): Promise<string> {
  return ((await answer.json()) as { token: string }).token;
}

/** Says one thing to the server and listens until it is shown the door, or has heard enough. */
async function say(server: OpenScannerServer, first: string | Buffer | null, enough = Infinity) {
  const socket = new WebSocket(server.url);
  const frames: unknown[] = [];
  const end = await new Promise<{ code: number; reason: string } | null>(resolve => {
    socket.on('open', () => first !== null && socket.send(first));
    socket.on('message', (data: Buffer) => {
      frames.push(JSON.parse(data.toString('utf8')));
      if (frames.length >= enough) resolve(null);
    });
    socket.on('close', (code, reason: Buffer) => resolve({ code, reason: reason.toString('utf8') }));
  });
  socket.terminate();
  return { frames, end };
}

describe('the server, as the reported client and others find it', () => {
  it.each(paths)('%s lets the reported client in with its token and sends it calls', async path => {
    const server = await start({ path });
    const frames: unknown[] = [];
    const client = new OpenScannerReportedClient({
      url: server.url,
      token: await logIn(server),
      refresh: () => Promise.reject(new Error('nobody asked for this')),
      WebSocket: WebSocket as unknown as Platform['WebSocket'],
      onSignedOut: () => {},
      onMessage: frame => frames.push(frame),
    });
    onTestFinished(() => client.disconnect());
    client.connect();
    await expect.poll(() => server.counts.welcomed).toBe(1);
    server.callIn({ id: 7 });
    const isLegacy = !path.startsWith('/api/v1/');
    const call = isLegacy ? ['CAL', { id: 7 }] : { call: { id: 7 }, type: 'call.new' };
    await expect.poll(() => frames).toContainEqual(call);
    // An administrator hears nothing before.
    expect(frames).toHaveLength(path.includes('admin') ? 1 : 3);
  });

  it('a stale token costs the reported client one refresh when that is quick, and it is in again', async () => {
    const { refreshes, oldTokens, signOuts, isOpen } = await playOpenScannerStorm({
      client: 'reported',
      refreshMs: 0,
      quietMs: 200,
    });
    expect({ refreshes, oldTokens, signOuts, isOpen }).toEqual({
      ...{ refreshes: 1, oldTokens: 0, signOuts: 0, isOpen: true },
    });
  });

  it('says the same of a token that is invalid, expired or evicted, of the wrong role and of a disabled user', async () => {
    const server = await start({ path: '/api/v1/ws/admin', tokensPerUser: 2 });
    const refusal = {
      frames: [{ type: 'session.expired' }],
      end: { code: 1008, reason: 'auth failed' },
    };
    expect(await say(server, '["nonsense"]')).toEqual(refusal);
    const evicted = await logIn(server);
    await server.logInElsewhere('ada');
    await server.logInElsewhere('ada');
    expect(await say(server, JSON.stringify([evicted]))).toEqual(refusal);
    expect(server.stats.evictions).toBe(1);
    const token = await logIn(server);
    server.account('ada').role = 'listener';
    expect(await say(server, JSON.stringify([token]))).toEqual(refusal);
    Object.assign(server.account('ada'), { role: 'admin', isDisabled: true });
    expect(await say(server, JSON.stringify([token]))).toEqual(refusal);
    expect(server.counts).toMatchObject({ welcomed: 0, expiredFrames: 4, oldTokens: 1 });

    const quick = await start({ path: '/ws', accessTtlMs: 30 });
    const expired = await logIn(quick);
    await new Promise(resolve => setTimeout(resolve, 40));
    expect(await say(quick, JSON.stringify([expired]))).toEqual({ ...refusal, frames: [['XPR']] });
  });

  it('says in words what is wrong with a first frame, and nothing to somebody who stays silent', async () => {
    const server = await start();
    const refusal = (reason: string) => ({ frames: [], end: { code: 1008, reason } });
    expect(await say(server, Buffer.from([1]))).toEqual(refusal('expected text message'));
    for (const first of ['{"type":"auth","token":"abc"}', 'abc', '[]', '[7]'])
      expect(await say(server, first)).toEqual(refusal('invalid message'));
    const hasty = await start({ authDeadlineMs: 50 });
    expect(await say(hasty, null)).toEqual({ frames: [], end: { code: 1006, reason: '' } });
  });

  it('turns away whoever is one too many, listener or user', async () => {
    const server = await start({ maxClients: 1 });
    server.account('ada').limit = 1;
    const token = JSON.stringify([await logIn(server)]);
    const first = new WebSocket(server.url);
    onTestFinished(() => first.terminate());
    first.once('open', () => first.send(token));
    await expect.poll(() => server.counts.welcomed).toBe(1);
    expect(await say(server, token)).toEqual({
      frames: [{ type: 'connection.rejected', reason: 'max_clients' }],
      end: { code: 1000, reason: 'max clients reached' },
    });
    const legacy = await start({ path: '/ws' });
    legacy.account('ada').limit = 0;
    expect(await say(legacy, JSON.stringify([await logIn(legacy)]))).toMatchObject({ frames: [['MAX']] });
  });

  it('answers a spent refresh cookie the same again within the grace', async () => {
    const server = await start();
    const browser = createCookieFetch();
    await logIn(server, browser);
    const other = browser.clone();
    const token = await tokenIn(await post(browser, server, '/v1/auth/refresh'));
    expect(await tokenIn(await post(other, server, '/auth/refresh'))).toBe(token);
    const address = `${server.httpUrl}/api/auth/refresh`;
    expect(other.cookieFor(address)).toBe(browser.cookieFor(address));
    expect(server.stats).toMatchObject({ graces: 1, replays: 0, familiesRevoked: 0 });
    expect((await post(createCookieFetch(), server, '/auth/refresh')).status).toBe(401);
  });

  it('revokes the whole login for a spent refresh cookie that comes after it', async () => {
    const server = await start({ refreshGraceMs: 0 });
    const browser = createCookieFetch();
    await logIn(server, browser);
    const thief = browser.clone();
    expect((await post(browser, server, '/auth/refresh')).status).toBe(200);
    expect((await post(thief, server, '/auth/refresh')).status).toBe(401);
    expect((await post(browser, server, '/auth/refresh')).status).toBe(401);
    expect(server.stats).toMatchObject({ replays: 1, familiesRevoked: 1 });
  });

  it('ends the socket of a token that is logged out with the frame and a normal close', async () => {
    const server = await start();
    const browser = createCookieFetch();
    const token = await logIn(server, browser);
    const heard = say(server, JSON.stringify([token]));
    await expect.poll(() => server.counts.welcomed).toBe(1);
    await post(browser, server, '/auth/logout', { headers: { authorization: `Bearer ${token}` } });
    expect(await heard).toMatchObject({
      frames: [{ type: 'connection.welcome' }, { type: 'scanner.config' }, { type: 'session.expired' }],
      end: { code: 1000, reason: '' },
    });
    expect((await post(browser, server, '/auth/refresh')).status).toBe(401);
  });
});

describe('Problem 2: an expired frame, the close behind it, and a refresh that takes its time', () => {
  // A tenth of the real times: 4 s against a first wait of 1 s.
  const slow = { refreshMs: 400, reconnectMs: 100, quietMs: 250 };

  it('the reported client makes several sockets and refreshes of it, and presents the old token again', async () => {
    const report = await playOpenScannerStorm({ client: 'reported', ...slow });
    expect(report.sockets).toBeGreaterThanOrEqual(4);
    expect(report.refreshes).toBeGreaterThanOrEqual(2);
    expect(report.oldTokens).toBeGreaterThanOrEqual(1);
  });

  it('before #31 the reported client also closed sockets that were still connecting', async () => {
    const report = await playOpenScannerStorm({
      ...{ client: 'reported', ...slow, refreshMs: 300, handshakeMs: 200, closesEverySocket: true },
    });
    expect(report.closedWhileConnecting).toBeGreaterThan(0);
  });

  it.each([{ ...slow, refreshMs: 10 }, slow, { refreshMs: 2_500, quietMs: 250 }])(
    'S17 S2-C ours makes one refresh and one new socket of it ($refreshMs ms): no old token, no warning, no sign-out',
    async script => {
      const report = await playOpenScannerStorm({ client: 'ours', ...script });
      const { timeline: _timeline, ...counts } = report;
      expect(counts).toEqual({
        sockets: 2,
        refreshes: 1,
        oldTokens: 0,
        closedWhileConnecting: 0,
        familiesRevoked: 0,
        signOuts: 0,
        isOpen: true,
      });
    },
  );

  const away = { refreshMs: 10, unreachableMs: 200, reconnectMs: 100, quietMs: 450 };

  it('a refresh that finds no network signs the reported client out', async () => {
    const report = await playOpenScannerStorm({ client: 'reported', ...away });
    expect(report).toMatchObject({ refreshes: 1, signOuts: 1, isOpen: false });
  });

  it('S2-C a refresh that finds no network is repeated by ours, and the user stays', async () => {
    const report = await playOpenScannerStorm({ client: 'ours', ...away });
    expect(report).toMatchObject({ sockets: 2, refreshes: 2, oldTokens: 0, signOuts: 0, isOpen: true });
  });

  const strict = { ...slow, server: { refreshGraceMs: 0 } };

  it('where a refresh cookie counts once, the second refresh costs the reported client its whole family', async () => {
    const report = await playOpenScannerStorm({ client: 'reported', ...strict });
    expect(report).toMatchObject({ familiesRevoked: 1, signOuts: 1 });
  });

  it('S2-C where a refresh cookie counts once, ours spends it once', async () => {
    const report = await playOpenScannerStorm({ client: 'ours', ...strict });
    expect(report).toMatchObject({ refreshes: 1, familiesRevoked: 0, signOuts: 0, isOpen: true });
  });
});

describe('ours on an open link', () => {
  /** Logged in, and open. */
  async function connect(server: OpenScannerServer, options: AuthSocketOptions<unknown, unknown> = {}) {
    const browser = createCookieFetch();
    let first: string | null = await logIn(server, browser);
    const tokens: string[] = [];
    const client = connectDialect({
      url: server.url,
      protocol: openScanner(),
      reconnect: { minMs: 20, maxMs: 100 },
      ...options,
      getToken: async () => {
        const given = first;
        first = null;
        if (given !== null) return given;
        const answer = await post(browser, server, '/v1/auth/refresh');
        if (answer.status === 401) return signedOut('the refresh cookie is spent');
        if (!answer.ok) return unavailable();
        const token = await tokenIn(answer);
        tokens.push(token);
        return token;
      },
    });
    await client.until(status => status.link === 'open');
    return { client, browser, tokens };
  }

  it.each(paths)('%s: calls arrive and feed maps come back', async path => {
    const server = await start({ path });
    const { client } = await connect(server);
    const feedMap = { 1: { 100: true } };
    const isV1 = path.startsWith('/api/v1/');
    client.socket.send(isV1 ? { type: 'listener.feedMap.update', feedMap } : ['LFM', feedMap]);
    server.callIn({ id: 1 });
    await expect
      .poll(() => client.messages)
      .toContainEqual(isV1 ? { type: 'listener.feedMap.snapshot', feedMap } : ['LFM', feedMap]);
    expect(client.messages.filter(message => JSON.stringify(message).includes('"id":1'))).toHaveLength(1);
    expect(client.errors).toEqual([]);
    expect(server.upgrades.map(({ target }) => target)).toEqual([path]);
  });

  it.each(['/ws', '/api/v1/ws/admin'] as const)('%s: pings come back, and are no messages', async path => {
    const server = await start({ path });
    const { client } = await connect(server, { heartbeat: { intervalMs: 40, timeoutMs: 400 } });
    // The hello and a ping.
    await expect.poll(() => server.counts.echoes).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(client.messages)).not.toContain('react-auth-socket');
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
  });

  it('a new token per lifetime costs no new socket: the server looks at the first and not again', async () => {
    const server = await start({ accessTtlMs: 300 });
    const { client, tokens } = await connect(server);
    await expect.poll(() => tokens.length, { timeout: 3_000 }).toBeGreaterThanOrEqual(4);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    expect(server.upgrades).toHaveLength(1);
    expect(server.counts).toMatchObject({ welcomed: 1, expiredFrames: 0 });
  });

  it('S2-E a token that another device pushed out costs one refresh at the next reconnect', async () => {
    const server = await start({ tokensPerUser: 2 });
    const { client, tokens } = await connect(server);
    await server.logInElsewhere('ada');
    await server.logInElsewhere('ada');
    // The open socket does not notice.
    expect(client.socket.getStatus().link).toBe('open');
    server.reset();
    await client.until(status => status.link === 'open' && status.connection === 2);
    expect(tokens).toHaveLength(1);
    expect(server.counts).toMatchObject({ expiredFrames: 1, oldTokens: 0 });
    expect(client.ends).toEqual([]);
  });

  it('a logout elsewhere is asked about once and ends the session once', async () => {
    const server = await start();
    const { client, browser } = await connect(server);
    const token = await client.socket.getToken();
    await post(browser, server, '/auth/logout', { headers: { authorization: `Bearer ${token}` } });
    await client.until(status => status.session === 'signed-out');
    expect(client.ends).toEqual([expect.objectContaining({ by: 'token-source' })]);
    expect(client.calls.map(({ reason }) => reason)).toEqual(['initial', 'rejected']);
    expect(server.upgrades).toHaveLength(1);
  });

  it('a disabled user is out with the next check of the accounts', async () => {
    const server = await start({ recheckMs: 60 });
    const { client } = await connect(server);
    server.account('ada').isDisabled = true;
    await client.until(status => status.session === 'signed-out');
    expect(server.counts.expiredFrames).toBe(1);
    expect(client.ends).toHaveLength(1);
  });

  it('the frame of a changed password is one refresh away from the next link', async () => {
    const server = await start();
    const { client, tokens } = await connect(server);
    server.disconnectUser('ada');
    await client.until(status => status.link === 'open' && status.connection === 2);
    expect(tokens).toHaveLength(1);
    await expect
      .poll(() => client.socket.getStatus().lastClose)
      .toEqual({ code: 1000, reason: '', verdict: 'expired' });
    expect(client.ends).toEqual([]);
  });

  it('the wrong role is tried twice; then the user is kept and nothing is dialled', async () => {
    const server = await start({ path: '/api/v1/ws/admin' });
    const { client } = await connect(server);
    server.account('ada').role = 'listener';
    server.reset();
    await client.until(status => status.session === 'rejected');
    expect(server.upgrades.length).toBeLessThanOrEqual(3);
    expect(server.counts.oldTokens).toBe(0);
    expect(client.ends).toEqual([]);
  });

  it('S14 one listener too many waits without asking for a token', async () => {
    const server = await start({ maxClients: 1 });
    await connect(server);
    const second = connectDialect({
      url: server.url,
      protocol: openScanner(),
      getToken: () => logIn(server),
    });
    await second.until(status => status.link === 'waiting');
    await expect
      .poll(() => second.socket.getStatus().lastClose)
      .toEqual({ code: 1000, reason: 'max clients reached', verdict: 'limit' });
    expect(second.socket.getStatus().retryAt).toBeGreaterThan(Date.now() + 1_000);
    expect(second.calls).toHaveLength(1);
    expect(second.socket.getStatus().session).toBe('valid');
  });

  it('S06 S2-D a link that went deaf is replaced, although the server pings where we cannot see it', async () => {
    const server = await start();
    const { client } = await connect(server, { heartbeat: { intervalMs: 50, timeoutMs: 400 } });
    server.halfOpen();
    await client.until(status => status.link === 'open' && status.connection === 2);
    expect(server.upgrades).toHaveLength(2);
    expect(client.calls).toHaveLength(1);
  });

  it('a restart of the server is waited out', async () => {
    const server = await start();
    const { client, tokens } = await connect(server);
    server.restart(150);
    await client.until(status => status.link === 'open' && status.connection === 2);
    expect(tokens.length).toBeLessThanOrEqual(1);
    expect(client.ends).toEqual([]);
  });

  it('X01 X02 no token is in an address, a log, an error or a status', async () => {
    const server = await start({ accessTtlMs: 400 });
    const { client, tokens } = await connect(server);
    server.disconnectUser('ada');
    await expect.poll(() => tokens.length).toBeGreaterThanOrEqual(2);
    const printed = client.printed.join('\n') + JSON.stringify(client.errors);
    for (const token of tokens) expect(printed).not.toContain(token);
    expect(server.upgrades.every(({ target }) => target === '/api/v1/ws/listener')).toBe(true);
  });
});

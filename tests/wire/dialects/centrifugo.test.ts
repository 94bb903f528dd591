import { Centrifuge, UnauthorizedError, type Options } from 'centrifuge';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import {
  signedOut,
  unavailable,
  type AuthSocketOptions,
  type GetToken,
  type Platform,
} from '../../../src/core';
import { centrifugo, type CentrifugoReply } from '../../../src/protocols/centrifugo';
import {
  startCentrifugoServer,
  type CentrifugoServer,
  type CentrifugoServerOptions,
} from '../../server/dialects/centrifugoServer';
import { connectDialect, isOpen, type DialectClient } from './dialectClient';

/** What may take as long as a busy machine takes. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 8_000, interval: 20 });

async function start(options?: CentrifugoServerOptions): Promise<CentrifugoServer> {
  const server = await startCentrifugoServer(options);
  onTestFinished(() => server.close());
  return server;
}

const codes = ({ received }: CentrifugoServer) =>
  received.map(({ connection, command, code }) => [connection, command, code]);

describe('the server, driven by the published centrifuge client', () => {
  /** The real client, with everything it told. */
  function connect(server: CentrifugoServer, options: Partial<Options> = {}) {
    const client = new Centrifuge(server.url, {
      websocket: WebSocket,
      minReconnectDelay: 20,
      maxReconnectDelay: 50,
      getToken: async () => server.tokens.issue('ada'),
      ...options,
    });
    const told: string[] = [];
    client.on('connecting', ({ code }) => told.push(`connecting ${code}`));
    client.on('connected', () => told.push('connected'));
    client.on('disconnected', ({ code, reason }) => told.push(`disconnected ${code} ${reason}`));
    client.on('error', () => {});
    onTestFinished(() => client.disconnect());
    client.connect();
    return { client, told };
  }

  it('connects, subscribes, publishes and answers pings', async () => {
    const server = await start({ pingMs: 1_000, pongMs: 500 });
    const { client, told } = connect(server);
    await client.ready();
    const heard: unknown[] = [];
    const news = client.newSubscription('news');
    news.on('publication', ({ data }) => heard.push(data));
    news.subscribe();
    await news.ready();
    await news.publish({ n: 1 });
    server.publish('news', { n: 2 }, { n: 3 });
    await soon(() => heard).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    await expect(client.rpc('none', {})).rejects.toMatchObject({ code: 104 });
    await soon(() => server.pongs).toBe(1);
    expect(told).toEqual(['connecting 0', 'connected']);
    expect(codes(server)).toEqual([[1, 'connect', null]]);
  });

  it('is told how long it may stay, and refreshes its token in band', async () => {
    const server = await start({ closeDelayMs: 1_000 });
    const { client, told } = connect(server, { getToken: async () => server.tokens.issue('ada', 1_200) });
    await client.ready();
    await soon(() => server.received.length).toBeGreaterThanOrEqual(2);
    expect(codes(server).slice(0, 2)).toEqual([
      [1, 'connect', null],
      [1, 'refresh', null],
    ]);
    expect(told).toEqual(['connecting 0', 'connected']);
  });

  it('learns that its token has expired: 109 to connect, 3005 when it is late', async () => {
    const server = await start({ closeDelayMs: 100 });
    let asked = 0;
    const { told } = connect(server, {
      async getToken() {
        asked += 1;
        if (asked === 3) throw new Error('not now');
        return server.tokens.issue('ada', [-1, 1_100][asked - 1]);
      },
    });
    await soon(() => told).toContain('connecting 3005');
    await soon(() => told.filter(line => line === 'connected')).toHaveLength(2);
    expect(codes(server)).toContainEqual([1, 'connect', 109]);
  });

  it('returns from a shutdown by itself, and from a terminal code never', async () => {
    const server = await start();
    const { client, told } = connect(server);
    await client.ready();
    server.shutDown(100);
    await soon(() => told).toContain('connecting 3001');
    await soon(() => told.filter(line => line === 'connected')).toHaveLength(2);
    server.disconnect(3503, 'force disconnect');
    await soon(() => client.state).toBe('disconnected');
    expect(told.at(-1)).toBe('disconnected 3503 force disconnect');
  });

  it.each<[string, () => Promise<string>, string]>([
    ['an invalid token', async () => 'made up', 'disconnected 3500 invalid token'],
    [
      'a token source that throws UnauthorizedError',
      () => Promise.reject(new UnauthorizedError('401 of a proxy')),
      'disconnected 1 unauthorized',
    ],
  ])('the client gives up for good over %s', async (_name, getToken, end) => {
    const server = await start();
    const { client, told } = connect(server, { getToken });
    await soon(() => told.at(-1)).toBe(end);
    expect(client.state).toBe('disconnected');
  });

  it('closes a socket that answers too often or never, and one that never says who it is', async () => {
    const server = await start({ staleMs: 100, pingMs: 50, pongMs: 20 });
    const closeCode = (frame?: string) =>
      new Promise<number>(resolve => {
        const socket = new WebSocket(server.url);
        socket.on('open', () => frame !== undefined && socket.send(frame));
        socket.on('close', resolve);
      });
    const connected = JSON.stringify({ id: 1, connect: { token: server.tokens.issue('ada') } });
    expect(await closeCode(`${connected}\n{}`)).toBe(3501);
    expect(await closeCode(connected)).toBe(3012);
    expect(await closeCode()).toBe(3502);
  });
});

function enter(
  server: CentrifugoServer,
  options: Partial<AuthSocketOptions<unknown, unknown>> = {},
): DialectClient {
  return connectDialect({
    url: server.url,
    protocol: centrifugo(),
    getToken: fromBook(server),
    reconnect: { minMs: 50, maxMs: 200, stableAfterMs: 50 },
    ...options,
  });
}

function fromBook(server: CentrifugoServer, lifeMs?: number): GetToken {
  return () => server.tokens.issue('ada', lifeMs);
}

/** A spread of several seconds that is over at once. */
const atOnce: Partial<Platform> = {
  WebSocket: WebSocket as unknown as Platform['WebSocket'],
  random: () => 0.01,
};

describe('centrifugo against that server', () => {
  it('connects, subscribes, hears publications, and shows the token to nobody else', async () => {
    const server = await start();
    const client = enter(server);
    const news: CentrifugoReply[] = [];
    client.socket.onMessage(message => news.push(message), { topic: 'news' });
    client.socket.onOpen(({ send }) => send({ id: 2, subscribe: { channel: 'news' } }));
    await soon(() => client.messages).toHaveLength(2);
    expect(client.messages).toMatchObject([
      { id: 1, connect: { client: 'client-1' } },
      { id: 2, subscribe: {} },
    ]);
    client.socket.send({ id: 3, publish: { channel: 'news', data: 1 } });
    await soon(() => client.messages).toHaveLength(4);
    expect(client.messages.at(-1)).toEqual({ id: 3, publish: {} });
    server.publish('news', 2, 3);
    await soon(() => news.map(({ push }) => push?.pub?.data)).toEqual([1, 2, 3]);
    expect(server.upgrades).toMatchObject([{ target: '/connection/websocket', protocols: [] }]);
    expect(client.printed.join('\n')).not.toContain(server.tokens.all[0]);
  });

  it('takes the life of its token from the server and refreshes it on the same socket for several lifetimes', async () => {
    const server = await start({ closeDelayMs: 500 });
    // Nothing but the server says how long it lives.
    const client = enter(server, { getToken: fromBook(server, 1_500) });
    await soon(() => server.received.length).toBeGreaterThanOrEqual(5);
    expect(codes(server).slice(0, 5)).toEqual([
      [1, 'connect', null],
      ...Array.from({ length: 4 }, () => [1, 'refresh', null]),
    ]);
    expect(new Set(server.received.map(({ token }) => token)).size).toBe(server.received.length);
    expect(server.upgrades).toHaveLength(1);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    expect(client.messages).toHaveLength(1);
  });

  it('S3-B comes back with the first token that there is, when the connection expired for want of one', async () => {
    const server = await start({ closeDelayMs: 100 });
    const awayUntil = Date.now() + 1_600;
    const client = enter(server, {
      getToken: ({ reason }) => {
        if (reason === 'initial') return server.tokens.issue('ada', 1_100);
        return Date.now() < awayUntil ? unavailable() : server.tokens.issue('ada');
      },
    });
    await client.until(isOpen);
    await client.until(({ lastClose }) => lastClose?.code === 3005);
    client.socket.send({ id: 2, subscribe: { channel: 'news' } });
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(client.socket.getStatus().lastClose).toMatchObject({ verdict: 'expired' });
    await soon(() => client.messages.at(-1)).toEqual({ id: 2, subscribe: {} });
    expect(server.upgrades).toHaveLength(2);
    expect(client.ends).toEqual([]);
  });

  it('asks the source when the token has expired before it is used: 109', async () => {
    const server = await start();
    const client = enter(server, {
      getToken: ({ reason }) => server.tokens.issue('ada', reason === 'initial' ? -1 : 60_000),
    });
    await client.until(isOpen);
    expect(codes(server)).toEqual([
      [1, 'connect', 109],
      [2, 'connect', null],
    ]);
    expect(client.calls.map(({ reason, forceRefresh }) => [reason, forceRefresh])).toEqual([
      ['initial', false],
      ['rejected', true],
    ]);
  });

  it('asks the source over a 3500, where the published client gives up, and stays signed in', async () => {
    const server = await start();
    const client = enter(server, {
      getToken: ({ reason }) => (reason === 'initial' ? 'made up' : server.tokens.issue('ada')),
    });
    await client.until(isOpen);
    expect(codes(server)).toEqual([
      [1, 'connect', 3500],
      [2, 'connect', null],
    ]);
    expect(client.calls.map(({ reason }) => reason)).toEqual(['initial', 'rejected']);
    expect(client.ends).toEqual([]);
  });

  it('ends the session over a 3500 when the source says so, once', async () => {
    const server = await start();
    const client = enter(server, {
      getToken: ({ reason }) => (reason === 'initial' ? server.tokens.issue('ada') : signedOut('gone')),
    });
    await client.until(isOpen);
    server.disconnect(3500, 'invalid token');
    await client.until(({ session }) => session === 'signed-out');
    expect(client.ends).toMatchObject([{ reason: 'gone', by: 'token-source' }]);
    expect(server.upgrades).toHaveLength(1);
  });

  it('A02 tries a refresh again that failed for a passing reason, on the same socket', async () => {
    const server = await start();
    const client = enter(server, { getToken: fromBook(server, 1_100) });
    await client.until(isOpen);
    server.refuse({ code: 100, message: 'internal server error', temporary: true });
    await soon(() => server.received.at(-1)).toMatchObject({ code: 100 });
    server.refuse(null);
    await soon(() => server.received.at(-1)).toMatchObject({
      command: 'refresh',
      code: null,
    });
    expect(server.upgrades).toHaveLength(1);
  });

  it.each(['close', 'push'] as const)('returns after a shutdown that a %s announces', async how => {
    const server = await start();
    const client = enter(server, { platform: atOnce });
    await client.until(isOpen);
    if (how === 'close') server.shutDown(150);
    else server.disconnect(3001, 'shutdown', 'push');
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(client.calls).toHaveLength(1);
    expect(client.ends).toEqual([]);
  });

  it.each([
    [3503, 'forbidden'],
    [4500, 'forbidden'],
    [3501, 'protocol'],
  ])('S16 stops over %i and keeps the session', async (code, stopReason) => {
    const server = await start();
    const client = enter(server);
    await client.until(isOpen);
    server.disconnect(code);
    await client.until(({ link }) => link === 'stopped');
    expect(client.socket.getStatus()).toMatchObject({ stopReason, session: 'valid' });
    client.socket.reconnect();
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(client.calls).toHaveLength(1);
    expect(client.ends).toEqual([]);
  });

  it.each([
    ['wants them', 250],
    ['wants none', null],
  ])('answers the pings of a server that %s, and goes on', async (_name, pongMs) => {
    const server = await start({ pingMs: 300, pongMs });
    const client = enter(server);
    await client.until(isOpen);
    await soon(() => server.pings).toBeGreaterThanOrEqual(2);
    await soon(() => server.pongs >= 2 || pongMs === null).toBe(true);
    if (pongMs === null) expect(server.pongs).toBe(0);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    expect(client.messages).toHaveLength(1);
  });

  it('S06 replaces a link on which the server pings no more', async () => {
    const server = await start({ pingMs: 100 });
    const client = enter(server, {
      protocol: centrifugo({ serverPingMs: 100 }),
      heartbeat: { timeoutMs: 400 },
    });
    await client.until(isOpen);
    await soon(() => server.pongs).toBeGreaterThanOrEqual(5);
    expect(server.upgrades).toHaveLength(1);
    server.silence();
    await client.until(({ link, connection }) => link === 'open' && connection >= 2);
  });

  it('goes on with its link while tokens come and go, where the server refreshes by itself', async () => {
    const server = await start({ serverSideRefresh: true });
    const client = enter(server, {
      protocol: centrifugo({ clientSideRefresh: false }),
      getToken: () => ({ token: server.tokens.issue('ada'), expiresInMs: 600 }),
    });
    await soon(() => client.calls.length).toBeGreaterThanOrEqual(3);
    expect(codes(server)).toEqual([[1, 'connect', null]]);
    server.reset();
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(server.tokens.all.slice(2)).toContain(server.received.at(-1)?.token);
  });
});

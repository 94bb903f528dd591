import { Socket, type Channel, type SocketConnectOption } from 'phoenix';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { unavailable, type AuthSocketOptions, type GetToken, type Platform } from '../../../src/core';
import { subprotocol } from '../../../src/protocols';
import { phoenix, type PhoenixMessage } from '../../../src/protocols/phoenix';
import {
  PUBLIC_KEY,
  startPhoenixServer,
  type PhoenixServer,
  type PhoenixServerOptions,
} from '../../server/dialects/phoenixServer';
import { connectDialect, isOpen, type DialectClient } from './dialectClient';

const ROOM = 'realtime:room';
const NEWS = 'realtime:news';

/** What may take as long as a busy machine takes. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 8_000, interval: 20 });

async function start(options?: PhoenixServerOptions): Promise<PhoenixServer> {
  const server = await startPhoenixServer(options);
  onTestFinished(() => server.close());
  return server;
}

describe('the server, driven by the published phoenix client', () => {
  function connect(server: PhoenixServer, options: Partial<SocketConnectOption> = {}): Socket {
    const socket = new Socket(server.endPoint, {
      transport: WebSocket as unknown as SocketConnectOption['transport'],
      params: { apikey: PUBLIC_KEY },
      heartbeatIntervalMs: 100,
      reconnectAfterMs: () => 50,
      rejoinAfterMs: () => 50,
      ...options,
    });
    onTestFinished(() => socket.disconnect());
    socket.connect();
    return socket;
  }

  const joined = (channel: Channel) =>
    new Promise<unknown>((resolve, reject) => {
      channel.join().receive('ok', resolve).receive('error', reject);
    });

  it('joins, talks, keeps the socket alive and leaves', async () => {
    const server = await start();
    const socket = connect(server);
    const access_token = server.tokens.issue('ada');
    const channel = socket.channel(ROOM, { access_token, config: { broadcast: { self: true } } });
    const heard: unknown[] = [];
    channel.on('broadcast', message => void heard.push(message));
    expect(await joined(channel)).toEqual({ postgres_changes: [] });
    expect(await new Promise(resolve => channel.push('broadcast', { n: 1 }).receive('ok', resolve))).toEqual(
      {},
    );
    server.broadcast(ROOM, 'hi', { n: 2 });
    await soon(() => heard).toEqual([{ n: 1 }, { type: 'broadcast', event: 'hi', payload: { n: 2 } }]);
    const body = new Uint8Array([1, 2]).buffer;
    expect(await new Promise(resolve => channel.push('file', body).receive('ok', resolve))).toStrictEqual(
      body,
    );
    await soon(() => server.heartbeats).toBeGreaterThanOrEqual(2);
    await new Promise(resolve => channel.leave().receive('ok', resolve));
    expect(channel.state).toBe('closed');
    expect(server.upgrades).toHaveLength(1);
  });

  it('takes a fresh token without a word, and ends the channel of a stale one', async () => {
    const server = await start({ lifeMs: 400 });
    const channel = connect(server).channel(ROOM, { access_token: server.tokens.issue('ada') });
    const told: unknown[] = [];
    channel.on('system', message => void told.push(message));
    channel.onClose(() => void told.push('closed'));
    await joined(channel);
    const answered: unknown[] = [];
    const fresh = server.tokens.issue('ada', 700);
    channel.push('access_token', { access_token: fresh }).receive('ok', answer => void answered.push(answer));
    await soon(() => server.adoptions).toEqual([{ connection: 1, topic: ROOM, token: fresh }]);
    await soon(() => told).toHaveLength(2);
    expect(told).toMatchObject([{ status: 'error', message: 'Token has expired 0 seconds ago' }, 'closed']);
    expect(answered).toEqual([]);
  });

  it.each([
    ['expired', 'InvalidJWTToken: Token has expired 1 seconds ago'],
    ['unknown', 'JwtSignatureError: Failed to validate JWT signature'],
  ])('refuses a join with a token that is %s', async (kind, reason) => {
    const server = await start();
    const access_token = kind === 'expired' ? server.tokens.issue('ada', -1) : 'made up';
    const channel = connect(server).channel(ROOM, { access_token });
    await expect(joined(channel)).rejects.toEqual({ reason });
    expect(server.joins[0]).toMatchObject({ topic: ROOM, refusedWith: reason });
  });

  it('comes back after a crash, a close and a restart', async () => {
    const server = await start();
    const channel = connect(server).channel(ROOM, { access_token: server.tokens.issue('ada') });
    await joined(channel);
    server.crash(ROOM);
    await soon(() => server.joins).toHaveLength(2);
    server.disconnect(1000);
    await soon(() => server.joins).toHaveLength(3);
    server.restart(100);
    await soon(() => server.joins).toHaveLength(4);
    expect(server.upgrades.filter(({ refusedWith }) => refusedWith === null)).toHaveLength(3);
  });

  it('is asked for its serializer and its key at the door', async () => {
    const server = await start();
    for (const options of [{ vsn: '3.0.0' }, { params: { apikey: 'wrong' } }]) connect(server, options);
    await soon(() => server.upgrades.length).toBeGreaterThanOrEqual(2);
    expect(server.upgrades.every(({ refusedWith }) => refusedWith === 403)).toBe(true);
  });

  it('reads the authToken of Phoenix', async () => {
    const server = await start({ authToken: true });
    const socket = connect(server, { params: {}, authToken: server.tokens.issue('ada') });
    expect(await joined(socket.channel(ROOM))).toEqual({ postgres_changes: [] });
    connect(server, { params: {}, authToken: 'made up' });
    await soon(() => server.upgrades.at(-1)).toMatchObject({ refusedWith: 403 });
  });
});

/** Our client, in a room with the token of the server's book. */
function enter(
  server: PhoenixServer,
  options: Partial<AuthSocketOptions<unknown, unknown>> = {},
): DialectClient {
  return connectDialect({
    url: server.url,
    protocol: phoenix({ topics: [ROOM] }),
    getToken: fromBook(server, 3_600_000),
    reconnect: { minMs: 50, maxMs: 200, stableAfterMs: 50 },
    ...options,
  });
}

function fromBook(server: PhoenixServer, lifeMs: number): GetToken {
  return () => ({ token: server.tokens.issue('ada', lifeMs), expiresInMs: lifeMs });
}

/** A spread of several seconds that is over at once. */
const atOnce: Partial<Platform> = {
  WebSocket: WebSocket as unknown as Platform['WebSocket'],
  random: () => 0.01,
};

describe('phoenix against that server', () => {
  it('joins with the token, talks both ways, and shows the token to nobody else', async () => {
    const server = await start();
    const config = { broadcast: { self: true } };
    const client = enter(server, {
      protocol: phoenix({ topics: [ROOM, NEWS], join: () => ({ config }) }),
    });
    const inNews: PhoenixMessage[] = [];
    client.socket.onMessage(message => inNews.push(message), { topic: NEWS });
    await client.until(isOpen);
    const [token] = server.tokens.all;
    await soon(() => server.joins).toHaveLength(2);
    expect(server.joins).toMatchObject([
      { topic: ROOM, payload: { config, access_token: token } },
      { topic: NEWS, payload: { config, access_token: token } },
    ]);
    client.socket.send({ topic: ROOM, event: 'broadcast', payload: { n: 1 }, ref: '7' });
    server.broadcast(NEWS, 'hi', { n: 2 });
    await soon(() => client.messages).toHaveLength(5);
    expect(client.messages.map(({ topic, event, ref }: PhoenixMessage) => [topic, event, ref])).toEqual([
      [ROOM, 'phx_reply', '~join:first'],
      [NEWS, 'phx_reply', '~join'],
      [NEWS, 'broadcast', null],
      [ROOM, 'broadcast', null],
      [ROOM, 'phx_reply', '7'],
    ]);
    expect(inNews.at(-1)).toMatchObject({ payload: { type: 'broadcast', event: 'hi', payload: { n: 2 } } });
    expect(server.upgrades).toEqual([
      { target: `/realtime/v1/websocket?apikey=${PUBLIC_KEY}&vsn=2.0.0`, protocols: [], refusedWith: null },
    ]);
    expect(client.printed.join('\n')).not.toContain(token);
  });

  it('I04 hears what a client of Supabase broadcasts in binary, and sends binary itself', async () => {
    const server = await start();
    const [writer, reader] = [enter(server), enter(server)];
    await Promise.all([writer.until(isOpen), reader.until(isOpen)]);
    server.broadcast(ROOM, 'cursor', { x: 1 }, 'binary');
    await soon(() => reader.messages.at(-1)).toMatchObject({
      topic: ROOM,
      event: 'broadcast',
      payload: { event: 'cursor', payload: { x: 1 } },
    });
    writer.socket.send({ topic: ROOM, event: 'file', payload: new Uint8Array([1, 2, 3]), ref: '9' });
    await soon(() => reader.messages.at(-1)).toMatchObject({ event: 'file' });
    await soon(() => writer.messages.at(-1)).toMatchObject({ event: 'phx_reply', ref: '9' });
    const body = new Uint8Array([1, 2, 3]).buffer;
    expect(reader.messages.at(-1).payload).toStrictEqual(body);
    expect(writer.messages.at(-1).payload).toStrictEqual({ status: 'ok', response: body });
  });

  it('hands fresh tokens over on the same socket for several lifetimes', async () => {
    const server = await start();
    const client = enter(server, {
      protocol: phoenix({ topics: [ROOM, NEWS] }),
      getToken: fromBook(server, 1_000),
    });
    await client.until(isOpen);
    await soon(() => server.adoptions.length).toBeGreaterThanOrEqual(8);
    const adopted = server.tokens.all.slice(1, 5);
    expect(server.adoptions.slice(0, 8)).toEqual(
      adopted.flatMap(token => [ROOM, NEWS].map(topic => ({ connection: 1, topic, token }))),
    );
    expect(server.upgrades).toHaveLength(1);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    expect(client.messages.filter(({ event }) => event !== 'phx_reply')).toEqual([]);
  });

  it('S3-B comes back with the first token that there is, when the channel expired for want of one', async () => {
    const server = await start();
    const awayUntil = Date.now() + 1_100;
    const client = enter(server, {
      getToken: request => {
        const isAway = request.reason !== 'initial' && Date.now() < awayUntil;
        return isAway
          ? unavailable()
          : fromBook(server, request.reason === 'initial' ? 600 : 60_000)(request);
      },
    });
    await client.until(isOpen);
    await client.until(({ link }) => link !== 'open');
    const [told] = client.messages.filter(({ event }) => event === 'system') as PhoenixMessage[];
    expect(told).toMatchObject({ topic: ROOM, payload: { message: 'Token has expired 0 seconds ago' } });
    client.socket.send({ topic: ROOM, event: 'broadcast', payload: { n: 1 }, ref: '5' });
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(Date.now()).toBeGreaterThanOrEqual(awayUntil);
    await soon(() => client.messages.at(-1)).toMatchObject({ event: 'phx_reply', ref: '5' });
    expect(server.joins.map(({ refusedWith }) => refusedWith)).toEqual([null, null]);
    expect(client.ends).toEqual([]);
  });

  it('asks the source when a token is refused, and joins with the next one', async () => {
    const server = await start();
    const client = enter(server, {
      getToken: ({ reason }) => (reason === 'initial' ? 'made up' : server.tokens.issue('ada')),
    });
    await client.until(isOpen);
    expect(client.calls.map(({ reason, forceRefresh }) => [reason, forceRefresh])).toEqual([
      ['initial', false],
      ['rejected', true],
    ]);
    expect(server.joins.map(({ refusedWith }) => refusedWith)).toEqual([
      'JwtSignatureError: Failed to validate JWT signature',
      null,
    ]);
  });

  it('keeps the session and stops, where the first topic is not for this user; goes on without another', async () => {
    const server = await start();
    const reason = 'Unauthorized: You do not have permissions to read from this Channel topic';
    server.refuse(NEWS, reason);
    const both = enter(server, { protocol: phoenix({ topics: [ROOM, NEWS] }) });
    await soon(() => both.messages).toHaveLength(2);
    expect(both.messages[1]).toMatchObject({
      topic: NEWS,
      payload: { status: 'error', response: { reason } },
    });
    expect(both.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });

    const stopped = enter(server, { protocol: phoenix({ topics: [NEWS] }) });
    await stopped.until(({ stopReason }) => stopReason === 'forbidden');
    expect(stopped.socket.getStatus().session).toBe('valid');
    expect(stopped.ends).toEqual([]);
  });

  it.each([
    ['dies', (server: PhoenixServer) => server.crash(NEWS)],
    ['is closed', (server: PhoenixServer) => server.shutDown(NEWS, 'Track message size exceeded')],
  ])('replaces the link, the new one first, when one of its channels %s', async (_name, harm) => {
    const server = await start();
    const client = enter(server, { protocol: phoenix({ topics: [ROOM, NEWS] }), platform: atOnce });
    await client.until(isOpen);
    const links: string[] = [];
    client.socket.subscribe(() => links.push(client.socket.getStatus().link));
    harm(server);
    await client.until(({ connection }) => connection === 2);
    expect(new Set(links)).toEqual(new Set(['open']));
    await soon(() => server.open.size).toBe(1);
    expect(server.joins).toHaveLength(4);
  });

  it('returns after a restart, and after a 1000 that the server or a proxy sent', async () => {
    const server = await start();
    const client = enter(server, { platform: atOnce });
    await client.until(isOpen);
    server.disconnect(1000);
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    server.disconnect(1011);
    await client.until(({ link, connection }) => link === 'open' && connection === 3);
    server.restart(150);
    await client.until(({ link, connection }) => link === 'open' && connection === 4);
    expect(client.calls).toHaveLength(1);
    expect(client.ends).toEqual([]);
  });

  it('S06 notices by its heartbeat that nobody is there any more', async () => {
    const server = await start();
    const client = enter(server, { heartbeat: { intervalMs: 200, timeoutMs: 400 } });
    await client.until(isOpen);
    await soon(() => server.heartbeats).toBeGreaterThanOrEqual(2);
    server.silence();
    await client.until(({ link, connection }) => link === 'open' && connection >= 2);
    expect(client.socket.getStatus().lastClose).toMatchObject({ reason: 'no answer to a ping' });
  });

  it('carries the token of plain Phoenix in the handshake, a new one over a new link', async () => {
    const server = await start({ authToken: true });
    const client = enter(server, {
      protocol: phoenix({
        topics: [ROOM],
        carrier: subprotocol({ accept: 'phoenix', prefix: 'base64url.bearer.phx.' }),
      }),
      getToken: fromBook(server, 1_000),
    });
    await client.until(({ connection }) => connection >= 3);
    expect(server.joins.slice(0, 3).map(({ payload }) => payload)).toEqual([{}, {}, {}]);
    const tokens = server.tokens.all.slice(0, 3);
    expect(server.upgrades.slice(0, 3)).toMatchObject(
      tokens.map(token => ({
        target: '/realtime/v1/websocket?vsn=2.0.0',
        protocols: ['phoenix', `base64url.bearer.phx.${Buffer.from(token).toString('base64url')}`],
        refusedWith: null,
      })),
    );
    await soon(() => server.open.size).toBe(1);
    expect(client.socket.getStatus().link).toBe('open');
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { createAuthSocket, unavailable } from '../../src/core';
import { subprotocol, ticket } from '../../src/protocols';
import { authWebSocket, type AuthWebSocketOptions } from '../../src/websocket';
import { startChaosProxy } from '../server/chaosProxy';
import type { GraphqlServer } from '../server/dialects/graphqlServer';
import { startYServer, type YServer, type YServerOptions } from '../server/yServer';
import {
  bearers,
  begun,
  count,
  expectSoon,
  inits,
  issuing,
  later,
  platform,
  runsOn,
  startGraphql,
  type Counting,
} from './graphqlCount';

describe('graphql-ws on an AuthWebSocket', () => {
  function start(server: GraphqlServer, options: AuthWebSocketOptions, url = server.url) {
    const Socket = authWebSocket({ platform, ...options });
    let cancelPong = setTimeout(() => {}, 0);
    const counting: Counting = count({
      url,
      webSocketImpl: Socket,
      connectionParams: async () => ({ Authorization: `Bearer ${await Socket.session.getToken()}` }),
      shouldRetry: () => true,
      retryAttempts: Infinity,
      retryWait: () => later(50),
      keepAlive: 100,
      on: {
        ping: received => {
          if (!received) cancelPong = setTimeout(() => counting.client.terminate(), 400);
        },
        pong: received => void (received && clearTimeout(cancelPong)),
        closed: () => clearTimeout(cancelPong),
        error: () => clearTimeout(cancelPong),
      },
    });
    onTestFinished(() => clearTimeout(cancelPong));
    return { ...counting, Socket };
  }

  it('S12 an expiry costs one refresh: the next link presents another token', async () => {
    const server = await startGraphql({ onExpired: 4403 });
    const { getToken, calls } = issuing(server, [500]);
    const counting = start(server, { getToken });
    await expectSoon(() => runsOn(server, 2)).toBe(true);
    expect(calls.map(({ forceRefresh }) => forceRefresh)).toEqual([false, true]);
    expect(inits(server)).toEqual(bearers(server.tokens.all));
    expect(counting.errors).toEqual([]);
  });

  it('T01 T04 a token endpoint that fails and hangs delays the subscription and costs no dial', async () => {
    const server = await startGraphql();
    const { getToken, trouble } = issuing(server);
    trouble.push(
      () => Promise.reject(new TypeError('Failed to fetch')),
      () => unavailable(),
      () => new Promise(() => {}),
    );
    const counting = start(server, { getToken, timeouts: { tokenMs: 300 } });
    await expectSoon(() => begun(counting)).toBe(1);
    expect(server.upgrades).toHaveLength(1);
    expect(counting.errors).toEqual([]);
  });

  it('S01 a restart of the server is survived without a token call', async () => {
    const server = await startGraphql();
    const { getToken, calls } = issuing(server);
    const counting = start(server, { getToken });
    await expectSoon(() => begun(counting)).toBe(1);
    server.restart(30);
    await expectSoon(() => begun(counting)).toBe(2);
    expect(calls).toHaveLength(1);
    expect(counting.errors).toEqual([]);
  });

  it('S04 S06 a half-open link is left, a handshake that hangs is given up, and the link comes back', async () => {
    const server = await startGraphql();
    const proxy = await startChaosProxy(Number(new URL(server.url).port));
    onTestFinished(() => proxy.close());
    const { getToken } = issuing(server);
    const counting = start(
      server,
      { getToken, timeouts: { dialMs: 300 } },
      proxy.wsUrl.replace('/ws', '/graphql'),
    );
    await expectSoon(() => begun(counting)).toBe(1);
    proxy.set({ mode: 'blackhole' });
    const accepted = proxy.stats.accepted;
    // The link that was, and two dials into the hole.
    await expectSoon(() => proxy.stats.accepted).toBeGreaterThanOrEqual(accepted + 2);
    proxy.heal();
    await expectSoon(() => begun(counting)).toBe(2);
    expect(counting.errors).toEqual([]);
  });

  it('shares the session of a client: its sign-out closes the link with 1000, and nobody dials until somebody is back', async () => {
    const server = await startGraphql();
    const { getToken, calls } = issuing(server);
    const session = createAuthSocket({ getToken, platform });
    onTestFinished(() => session.destroy());
    session.connect();
    const counting = start(server, { getToken: session });
    await expectSoon(() => begun(counting)).toBe(1);
    await session.signOut();
    await expectSoon(() => server.deeds).toContainEqual({ socket: 1, what: 'close', detail: 1000 });
    await later(300);
    expect([server.upgrades.length, calls.length]).toEqual([1, 1]);
    session.retrySession();
    await expectSoon(() => begun(counting)).toBe(2);
    expect(counting.errors).toEqual([]);
  });
});

describe('y-websocket on an AuthWebSocket', () => {
  async function startY(options?: YServerOptions): Promise<YServer> {
    const server = await startYServer(options);
    onTestFinished(() => server.close());
    return server;
  }

  /** The provider as it is, but for the class of its sockets. */
  function join(options: AuthWebSocketOptions, url: string, shouldReconnect?: () => boolean) {
    const doc = new Y.Doc();
    const provider = new WebsocketProvider(url, 'document', doc, {
      WebSocketPolyfill: authWebSocket({ platform, ...options }),
      disableBc: true,
      maxBackoffTime: 100,
      ...(shouldReconnect && { shouldReconnect }),
    });
    onTestFinished(() => provider.destroy());
    return { provider, text: doc.getText('text') };
  }

  it('S10 T16 each dial presents a ticket of its own; what was written meanwhile is merged', async () => {
    const server = await startY();
    const lives = [1_500];
    const { provider, text } = join(
      { carrier: ticket({ getTicket: () => server.tokens.issue('ada', lives.shift()) }) },
      server.url,
    );
    await expectSoon(() => provider.synced).toBe(true);
    text.insert(0, 'one ');
    await expectSoon(() => provider.wsconnected).toBe(false);
    text.insert(4, 'two');
    await expectSoon(() => server.doc.getText('text').toJSON()).toBe('one two');
    expect(server.presented).toHaveLength(2);
    expect(new Set(server.presented).size).toBe(2);
  });

  it('S10 a token that ended is replaced once, by a refresh', async () => {
    const server = await startY();
    const { getToken, calls } = issuing(server, [1_500]);
    const { provider, text } = join({ getToken, carrier: subprotocol({ accept: 'yjs' }) }, server.url);
    await expectSoon(() => provider.synced).toBe(true);
    await expectSoon(() => server.presented.length).toBe(2);
    text.insert(0, 'after');
    await expectSoon(() => server.doc.getText('text').toJSON()).toBe('after');
    expect(calls.map(({ forceRefresh }) => forceRefresh)).toEqual([false, true]);
    expect(server.upgrades.map(({ target, refusedWith }) => [target, refusedWith])).toEqual([
      ['/document', null],
      ['/document', null],
    ]);
  });

  it('S10 4401 is the end for this provider unless it is told otherwise', async () => {
    const server = await startY({ expiredWith: [4401, 'expired'] });
    const told: number[] = [];
    const carrier = subprotocol({ accept: 'yjs' });
    const stays = join({ carrier, getToken: issuing(server, [800]).getToken }, server.url);
    stays.provider.on('closed', ({ code }) => told.push(code));
    await expectSoon(() => told).toEqual([4401]);
    expect(stays.provider.shouldConnect).toBe(false);
    const { getToken, calls } = issuing(server, [800]);
    const returns = join({ carrier, getToken }, server.url, () => true);
    await expectSoon(() => calls.length).toBe(2);
    await expectSoon(() => returns.provider.synced && server.presented.at(-1)).toBe(server.tokens.all.at(-1));
  });

  it('S02 T03 a handshake refused with 401 costs one refresh; a token endpoint in trouble delays it', async () => {
    const server = await startY();
    const { getToken, calls, trouble } = issuing(server);
    trouble.push(
      () => 'made-up',
      () => Promise.reject(new TypeError('Failed to fetch')),
      () => unavailable(),
    );
    const { provider } = join({ getToken, carrier: subprotocol({ accept: 'yjs' }) }, server.url);
    await expectSoon(() => provider.synced).toBe(true);
    expect(server.upgrades.filter(({ refusedWith }) => refusedWith === 401).length).toBeGreaterThanOrEqual(2);
    expect(calls.filter(({ forceRefresh }) => forceRefresh).length).toBeGreaterThanOrEqual(1);
    expect(server.presented).toHaveLength(1);
  });

  it('S01 a restart of the server is survived without a token call', async () => {
    const server = await startY();
    const { getToken, calls } = issuing(server);
    const { provider, text } = join({ getToken, carrier: subprotocol({ accept: 'yjs' }) }, server.url);
    await expectSoon(() => provider.synced).toBe(true);
    server.restart(50);
    await expectSoon(() => server.presented.length).toBe(2);
    text.insert(0, 'back');
    await expectSoon(() => server.doc.getText('text').toJSON()).toBe('back');
    expect(calls).toHaveLength(1);
  });

  it('S04 S06 a half-open link that its watchdog gives up makes room for the next one', async () => {
    const server = await startY();
    const proxy = await startChaosProxy(server.port);
    onTestFinished(() => proxy.close());
    const { getToken } = issuing(server);
    const { provider, text } = join(
      { getToken, carrier: subprotocol({ accept: 'yjs' }), timeouts: { dialMs: 300 } },
      proxy.url.replace('http', 'ws'),
    );
    await expectSoon(() => provider.synced).toBe(true);
    proxy.set({ mode: 'blackhole' });
    text.insert(0, 'into the hole');
    // As if the 30 s had passed for which it hears nothing; it looks every 3 s.
    provider.wsLastMessageReceived = 0;
    const accepted = proxy.stats.accepted;
    await expectSoon(() => proxy.stats.accepted).toBeGreaterThanOrEqual(accepted + 2);
    proxy.heal();
    await expectSoon(() => provider.synced && server.doc.getText('text').toJSON()).toBe('into the hole');
  });
});

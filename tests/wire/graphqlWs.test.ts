import { WebSocket } from 'ws';
import type { ClientOptions } from 'graphql-ws';
import { describe, expect, it, onTestFinished } from 'vitest';
import { graphqlWsOptions, type GraphqlWsAdapterOptions } from '../../src/adapters/graphql-ws';
import {
  createAuthSocket,
  signedIn,
  signedOut,
  unavailable,
  type AuthSocket,
  type AuthSocketOptions,
} from '../../src/core';
import { authWebSocket } from '../../src/websocket';
import { systemClock } from '../../src/runtime/systemClock';
import { startChaosProxy } from '../server/chaosProxy';
import type { GraphqlServer } from '../server/dialects/graphqlServer';
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

describe('graphqlWsOptions', () => {
  interface Lent extends Counting {
    readonly session: AuthSocket;
    readonly closes: readonly unknown[];
  }

  function start(
    server: GraphqlServer,
    session: AuthSocketOptions,
    adapter: GraphqlWsAdapterOptions = {},
    client: Partial<ClientOptions> = {},
  ): Lent {
    const socket = createAuthSocket({ platform, ...session });
    onTestFinished(() => socket.destroy());
    socket.connect();
    const closes: unknown[] = [];
    const closed = (event: unknown) => closes.push((event as { code: number }).code);
    const counting = count({
      ...graphqlWsOptions(socket, { url: server.url, on: { closed }, ...adapter }),
      webSocketImpl: WebSocket,
      ...client,
    });
    return { ...counting, session: socket, closes };
  }

  it.each([4401, 4403] as const)(
    'S10 S12 %i at the end of a token costs one refresh and one link; the subscription goes on',
    async onExpired => {
      const server = await startGraphql({ onExpired });
      const { getToken, calls } = issuing(server, [400]);
      const lent = start(server, { getToken });
      await expectSoon(() => runsOn(server, 2)).toBe(true);
      expect(calls.map(({ forceRefresh }) => forceRefresh)).toEqual([false, true]);
      expect(inits(server)).toEqual(bearers(server.tokens.all));
      expect(server.upgrades.map(({ target }) => target)).toEqual(['/graphql', '/graphql']);
      expect(lent.closes).toEqual([onExpired]);
      expect(lent.errors).toEqual([]);
    },
  );

  it('S11 a bare 1008 costs one refresh; a second one, before a link was stable, none', async () => {
    const server = await startGraphql();
    const { getToken, calls } = issuing(server);
    const lent = start(server, { getToken });
    for (const link of [1, 2, 3]) {
      await expectSoon(() => begun(lent)).toBe(link);
      server.closeAll(1008);
    }
    await expectSoon(() => begun(lent)).toBe(4);
    expect(calls.map(({ forceRefresh }) => forceRefresh)).toEqual([false, true]);
    expect(lent.errors).toEqual([]);
  });

  it.each([1001, 1011, 1012, 1013, 4500])('S13 %i is waited out without a token call', async code => {
    const server = await startGraphql();
    const { getToken, calls } = issuing(server);
    const lent = start(server, { getToken });
    await expectSoon(() => begun(lent)).toBe(1);
    server.closeAll(code);
    await expectSoon(() => begun(lent)).toBe(2);
    expect(lent.errors).toEqual([]);
    // A code of the server's own may be about the token.
    expect(calls).toHaveLength(code === 4500 ? 2 : 1);
  });

  it.each([4400, 4406, 1002])('S16 %i ends the subscription: waiting would not help', async code => {
    const server = await startGraphql();
    const lent = start(server, issuing(server));
    await expectSoon(() => begun(lent)).toBe(1);
    server.closeAll(code);
    await expectSoon(() => lent.errors).toMatchObject([{ code }]);
    await later(400);
    expect(server.upgrades).toHaveLength(1);
  });

  it('S16 a code gets another meaning by `close`', async () => {
    const server = await startGraphql();
    const lent = start(server, issuing(server), {
      close: ({ code }) => (code === 4403 ? 'forbidden' : 'expired'),
    });
    await expectSoon(() => begun(lent)).toBe(1);
    server.closeAll(4400);
    await expectSoon(() => begun(lent)).toBe(2);
    server.closeAll(4403);
    await expectSoon(() => lent.errors).toMatchObject([{ code: 4403 }]);
  });

  it('T01 T04 a token endpoint that fails and hangs delays the first dial, and ends no subscription', async () => {
    const server = await startGraphql();
    const { getToken, calls, trouble } = issuing(server);
    trouble.push(
      () => Promise.reject(new TypeError('Failed to fetch')),
      () => unavailable(),
      () => new Promise(() => {}),
      () => '',
    );
    const lent = start(server, {
      getToken,
      timeouts: { tokenMs: 300 },
      reconnect: { minMs: 100, maxMs: 300 },
    });
    await expectSoon(() => begun(lent)).toBe(1);
    expect(calls).toHaveLength(5);
    expect(server.upgrades).toHaveLength(1);
    expect(lent.errors).toEqual([]);
  });

  it('T03 a token endpoint that is down when the token ends is waited for; nothing is dialled with the refused token', async () => {
    const server = await startGraphql();
    const { getToken, calls, trouble } = issuing(server, [400]);
    const lent = start(server, { getToken, reconnect: { minMs: 100, maxMs: 300 } });
    trouble.push(...Array.from({ length: 3 }, () => () => Promise.reject(new TypeError('Failed to fetch'))));
    await expectSoon(() => runsOn(server, 2)).toBe(true);
    expect(calls.map(({ forceRefresh }) => forceRefresh).slice(1)).toContain(true);
    expect(inits(server)).toEqual(bearers(server.tokens.all));
    expect(lent.errors).toEqual([]);
    expect(lent.session.getStatus().session).toBe('valid');
  });

  it('T10 a source that only has the refused token is asked now and then, and the first different one is presented', async () => {
    const server = await startGraphql();
    let token = server.tokens.issue('ada', 300);
    const lent = start(server, { getToken: () => token });
    await expectSoon(() => lent.closes).toEqual([4401]);
    await later(700);
    expect(server.upgrades).toHaveLength(1);
    token = server.tokens.issue('ada');
    await expectSoon(() => runsOn(server, 2)).toBe(true);
    expect(lent.errors).toEqual([]);
  });

  it('S01 a server that is not there yet, and one that restarts, is waited for without a token call', async () => {
    const server = await startGraphql();
    server.restart(300);
    const { getToken, calls } = issuing(server);
    const lent = start(server, { getToken });
    await expectSoon(() => begun(lent)).toBe(1);
    server.restart(50);
    await expectSoon(() => begun(lent)).toBe(2);
    // Two refused dials in a row may be about the token: one refresh at most.
    expect(calls.length).toBeLessThanOrEqual(2);
    expect(lent.errors).toEqual([]);
  });

  it('S06 a server that fell silent is noticed by the missing pong and left at once', async () => {
    const server = await startGraphql();
    const clock = {
      ...systemClock,
      setTimer: (run: () => void, ms: number) => systemClock.setTimer(run, ms / 20),
    };
    const { getToken, calls } = issuing(server);
    const lent = start(server, { getToken, platform: { ...platform, clock } }, {}, { keepAlive: 100 });
    await expectSoon(() => begun(lent)).toBe(1);
    server.silence();
    await expectSoon(() => begun(lent)).toBe(2);
    expect(calls).toHaveLength(1);
    expect(lent.errors).toEqual([]);
    expect(lent.closes).toEqual([4499]);
  });

  it('T11 a sign-out closes the connection and nobody dials; after retrySession() the subscription goes on', async () => {
    const server = await startGraphql();
    const { getToken, calls } = issuing(server);
    const lent = start(server, { getToken });
    await expectSoon(() => begun(lent)).toBe(1);
    await lent.session.signOut();
    await expectSoon(() => lent.closes).toEqual([1000]);
    await later(400);
    expect([server.upgrades.length, calls.length]).toEqual([1, 1]);
    lent.session.retrySession();
    await expectSoon(() => begun(lent)).toBe(2);
    expect(lent.errors).toEqual([]);
  });

  it('T07 signed out from the start: no dial, and no error to any subscription', async () => {
    const server = await startGraphql();
    const lent = start(server, { getToken: () => signedOut() });
    await expectSoon(() => lent.session.getStatus().session).toBe('signed-out');
    await later(300);
    expect(server.upgrades).toHaveLength(0);
    expect(lent.errors).toEqual([]);
  });

  it('T19 another user gets a connection of their own', async () => {
    const server = await startGraphql();
    let user = 'ada';
    const lent = start(server, { getToken: () => server.tokens.issue(user), sessionKey: 'ada' });
    await expectSoon(() => begun(lent)).toBe(1);
    user = 'ben';
    lent.session.setSessionKey('ben');
    await expectSoon(() =>
      server.deeds.filter(({ what }) => what === 'ack').map(({ detail }) => detail),
    ).toEqual(['ada', 'ben']);
  });

  it('a session by cookie carries nothing', async () => {
    const server = await startGraphql({ takesCookies: true });
    const lent = start(server, { getToken: () => signedIn() });
    await expectSoon(() => begun(lent)).toBe(1);
    expect(inits(server)).toEqual([null]);
  });

  it('works with the url of the client, before connect(), with listeners and a payload of your own', async () => {
    const server = await startGraphql();
    const socket = createAuthSocket({
      platform,
      url: server.url,
      getToken: () => server.tokens.issue('ada'),
    });
    onTestFinished(() => socket.destroy());
    const events: string[] = [];
    const counting = count({
      ...graphqlWsOptions(socket, {
        payload: token => ({ Authorization: `Bearer ${token}`, client: 'test' }),
        on: {
          opened: () => void events.push('opened'),
          connected: () => void events.push('connected'),
          message: () => void events.push('message'),
          error: () => void events.push('error'),
        },
      }),
      webSocketImpl: WebSocket,
    });
    await expectSoon(() => begun(counting)).toBe(1);
    expect(inits(server)).toMatchObject([{ client: 'test' }]);
    expect(events.slice(0, 3)).toEqual(['opened', 'message', 'connected']);
    expect(socket.getStatus().link).toBe('idle');
  });

  it('X06 an address off this machine must be wss: it is reported once, and nothing is dialled', async () => {
    const server = await startGraphql();
    const errors: unknown[] = [];
    const lent = start(
      server,
      { getToken: () => server.tokens.issue('ada'), onError: error => errors.push(error.cause) },
      { url: 'ws://graphql.test/graphql' },
    );
    await expectSoon(() => errors).toMatchObject([{ code: 'invalid-option' }]);
    await later(600);
    expect(errors).toHaveLength(1);
    expect(lent.errors).toEqual([]);
    expect(() => graphqlWsOptions(lent.session, { url: 'ftp://x' })).toThrow(/url must be/);
  });

  it('S04 S10 on an AuthWebSocket a handshake that hangs is given up, and an expiry still costs one refresh', async () => {
    const server = await startGraphql();
    const proxy = await startChaosProxy(Number(new URL(server.url).port));
    onTestFinished(() => proxy.close());
    proxy.set({ hangHandshake: true });
    const { getToken, calls } = issuing(server, [1_500]);
    const session = createAuthSocket({ platform, getToken });
    onTestFinished(() => session.destroy());
    session.connect();
    const counting = count({
      ...graphqlWsOptions(session, { url: proxy.wsUrl.replace('/ws', '/graphql') }),
      webSocketImpl: authWebSocket({ platform, getToken: session, timeouts: { dialMs: 200 } }),
    });
    await expectSoon(() => proxy.stats.hung).toBe(1);
    proxy.heal();
    await expectSoon(() => runsOn(server, 2)).toBe(true);
    expect(calls.map(({ forceRefresh }) => forceRefresh)).toEqual([false, true]);
    expect(counting.errors).toEqual([]);
  });
});

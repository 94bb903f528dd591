import { createClient, type Client, type ClientOptions } from 'graphql-ws';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import {
  signedOut,
  unavailable,
  type AuthSocketOptions,
  type GetToken,
  type Platform,
} from '../../../src/core';
import {
  graphqlTransportWs,
  type GraphqlIncoming,
  type GraphqlOutgoing,
} from '../../../src/protocols/graphqlTransportWs';
import {
  startGraphqlServer,
  type GraphqlServer,
  type GraphqlServerOptions,
} from '../../server/dialects/graphqlServer';
import { connectDialect, type DialectClient } from './dialectClient';

const COUNT = 'subscription Count($from: Int!) { count(from: $from) }';

async function start(options?: GraphqlServerOptions): Promise<GraphqlServer> {
  const server = await startGraphqlServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** On a busy machine, too. */
const expectSoon = <T>(look: () => T) => expect.poll(look, { timeout: 5_000 });

function told(server: GraphqlServer, what: string): readonly unknown[] {
  return server.deeds.filter(deed => deed.what === what).map(({ detail }) => detail);
}

describe('the server, driven by the client of graphql-ws', () => {
  interface Told {
    readonly numbers: number[];
    readonly errors: { code?: number }[];
    readonly client: Client;
  }

  function connect(server: GraphqlServer, options: Partial<ClientOptions> = {}, lifeMs?: number): Told {
    const client = createClient({
      url: server.url,
      webSocketImpl: WebSocket,
      connectionParams: () => ({ Authorization: `Bearer ${server.tokens.issue('ada', lifeMs)}` }),
      retryWait: () => new Promise(resolve => setTimeout(resolve, 50)),
      ...options,
    });
    onTestFinished(() => client.dispose());
    const numbers: number[] = [];
    const errors: { code?: number }[] = [];
    client.subscribe<{ count: number }>(
      { query: COUNT, variables: { from: 1 } },
      {
        next: ({ data }) => data && numbers.push(data.count),
        error: error => errors.push(error as { code?: number }),
        complete: () => {},
      },
    );
    return { numbers, errors, client };
  }

  it('lets in, answers a query and counts', async () => {
    const server = await start();
    const { numbers, client } = connect(server);
    await expectSoon(() => numbers.slice(0, 3)).toEqual([1, 2, 3]);
    const results: unknown[] = [];
    for await (const { data } of client.iterate({ query: '{ viewer }' })) results.push(data);
    expect(results).toEqual([{ viewer: 'ada' }]);
    expect(server.upgrades.map(({ protocols }) => protocols)).toEqual([['graphql-transport-ws']]);
  });

  it('4401 at the end of a token is fatal: the subscription dies and nobody dials again', async () => {
    const server = await start();
    const { errors } = connect(server, {}, 200);
    await expectSoon(() => errors).toMatchObject([{ code: 4401 }]);
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(server.upgrades).toHaveLength(1);
  });

  it('4403 at the end of a token is tried again, with parameters of the moment', async () => {
    const server = await start({ onExpired: 4403 });
    const { numbers, errors } = connect(server, {}, 200);
    await expectSoon(() => told(server, 'ack').length).toBeGreaterThanOrEqual(2);
    await expectSoon(() => numbers.filter(number => number === 1).length).toBeGreaterThanOrEqual(2);
    expect(errors).toEqual([]);
  });

  it("Hasura's connection_error makes it close by itself, and is fatal", async () => {
    const server = await start({ onExpired: 'connection_error' });
    const { errors } = connect(server, {}, 200);
    await expectSoon(() => errors.length).toBe(1);
    expect(errors).toMatchObject([{ message: expect.stringContaining('connection_error') }]);
  });

  it('a token that is not known is 4403', async () => {
    const server = await start();
    const { errors } = connect(server, {
      connectionParams: { Authorization: 'Bearer made-up' },
      retryAttempts: 0,
    });
    await expectSoon(() => errors).toMatchObject([{ code: 4403 }]);
  });

  it('a restart is survived by a client that is told to', async () => {
    const server = await start();
    const { numbers, errors } = connect(server, { shouldRetry: () => true });
    await expectSoon(() => numbers.length).toBeGreaterThan(0);
    server.restart(100);
    await expectSoon(() => numbers.filter(number => number === 1).length).toBe(2);
    expect(errors).toEqual([]);
  });

  it('answers a ping, and hears the answer to its own', async () => {
    const server = await start();
    const pongs: unknown[] = [];
    const { numbers } = connect(server, {
      keepAlive: 50,
      on: { pong: received => received && pongs.push(received) },
    });
    await expectSoon(() => numbers.length).toBeGreaterThan(0);
    server.ping({ n: 1 });
    await expectSoon(() => pongs.length).toBeGreaterThan(1);
    expect(told(server, 'pong')).toContainEqual({ n: 1 });
  });
});

describe('graphqlTransportWs, speaking to the server of graphql-ws', () => {
  type Options = AuthSocketOptions<GraphqlIncoming, GraphqlOutgoing>;

  interface Counting extends DialectClient {
    /** What the subscription brought, link by link. */
    readonly numbers: readonly number[][];
  }

  const bearer =
    (server: GraphqlServer, lifeMs?: number): GetToken =>
    () =>
      server.tokens.issue('ada', lifeMs);

  /** Connects and counts: subscribed in `onOpen`, on every link, as an application does. */
  function count(server: GraphqlServer, options: Partial<Options> = {}): Counting {
    const ours = connectDialect({
      url: server.url,
      getToken: bearer(server),
      protocol: graphqlTransportWs(),
      ...options,
    });
    const numbers: number[][] = [];
    ours.socket.onOpen(({ send }) => {
      numbers.push([]);
      send({ type: 'subscribe', id: 'count', payload: { query: COUNT, variables: { from: 1 } } });
    });
    ours.socket.onMessage(
      (message: GraphqlIncoming) => {
        if (message.type === 'next') numbers.at(-1)?.push(message.payload.data?.count as number);
      },
      { topic: 'count' },
    );
    return { ...ours, numbers };
  }

  const counted = ({ numbers }: Counting, links: number) =>
    expectSoon(() => numbers.map(of => of.slice(0, 2))).toEqual(Array.from({ length: links }, () => [1, 2]));

  it('connects, subscribes and receives, each operation under its own topic', async () => {
    const server = await start();
    const ours = count(server);
    await counted(ours, 1);
    const answers: unknown[] = [];
    ours.socket.onMessage(message => answers.push(message), { topic: 'viewer' });
    ours.socket.send({ type: 'subscribe', id: 'viewer', payload: { query: '{ viewer }' } });
    await expectSoon(() => answers).toEqual([
      { type: 'next', id: 'viewer', payload: { data: { viewer: 'ada' } } },
      { type: 'complete', id: 'viewer' },
    ]);
    ours.socket.send({ type: 'subscribe', id: 'wrong', payload: { query: '{ nothing }' } });
    await expectSoon(() => ours.messages).toContainEqual(
      expect.objectContaining({ type: 'error', id: 'wrong' }),
    );
    ours.socket.send({ type: 'complete', id: 'count' });
    await expectSoon(() => told(server, 'complete')).toContain('count');
    expect(ours.socket.getStatus()).toMatchObject({ link: 'open', connection: 1, session: 'valid' });
    expect(ours.errors).toEqual([]);
  });

  it('X01 X02 the token is in connection_init, and in no address, status, trace or error', async () => {
    const server = await start();
    const ours = count(server);
    await counted(ours, 1);
    server.closeAll(4401, `Unauthorized: ${server.tokens.all[0]}`);
    await counted(ours, 2);
    expect(told(server, 'init')).toEqual(
      server.tokens.all.map(token => ({ Authorization: `Bearer ${token}` })),
    );
    expect(server.upgrades).toHaveLength(2);
    for (const { target, protocols } of server.upgrades) {
      expect([target, protocols]).toEqual(['/graphql', ['graphql-transport-ws']]);
    }
    for (const token of server.tokens.all) expect(ours.printed.join()).not.toContain(token);
  });

  it.each([4401, 4403, 'connection_error'] as const)(
    'S10 S3-F %s at the end of a token costs one refresh and one link, and nobody is signed out',
    async onExpired => {
      const server = await start({ onExpired });
      const lives = [700, 60_000];
      const ours = count(server, { getToken: () => server.tokens.issue('ada', lives.shift()) });
      await counted(ours, 2);
      expect(ours.calls.map(({ reason, forceRefresh }) => [reason, forceRefresh])).toEqual([
        ['initial', false],
        ['rejected', true],
      ]);
      expect(server.upgrades).toHaveLength(2);
      expect(ours.socket.getStatus()).toMatchObject({
        session: 'valid',
        connection: 2,
        attempt: expect.any(Number),
      });
      expect(ours.socket.getStatus().lastClose?.verdict).toBe(onExpired === 4403 ? 'revoked' : 'expired');
      expect(ours.ends).toEqual([]);
    },
  );

  it('S12 a token that 4403 refuses is for the token source to judge: it says that the session is over', async () => {
    const server = await start();
    const ours = count(server, {
      getToken: ({ forceRefresh }) => (forceRefresh ? signedOut('left the company') : 'made-up'),
    });
    await ours.until(({ session }) => session === 'signed-out');
    expect(ours.ends).toMatchObject([{ reason: 'left the company', by: 'token-source' }]);
    expect(server.upgrades).toHaveLength(1);
  });

  it('S12 without that word of the source nobody is signed out, and no refused token is presented again', async () => {
    const server = await start();
    const ours = count(server, {
      getToken: ({ forceRefresh }) => (forceRefresh ? unavailable() : 'made-up'),
    });
    await ours.until(({ attempt }) => attempt > 0);
    await expectSoon(() => ours.calls.length).toBeGreaterThan(2);
    expect(ours.ends).toEqual([]);
    expect(told(server, 'init')).toHaveLength(1);
  });

  it('a restart of the server is survived without a token call', async () => {
    const server = await start();
    const ours = count(server);
    await counted(ours, 1);
    server.restart(200);
    await counted(ours, 2);
    expect(ours.calls).toHaveLength(1);
    expect(ours.ends).toEqual([]);
  });

  it('a new token goes over a new link, which is ready before the old one is retired', async () => {
    const server = await start();
    const ours = count(server);
    const gaps: (number | null)[] = [];
    ours.socket.onOpen(({ gapMs }) => gaps.push(gapMs));
    await counted(ours, 1);
    await ours.socket.getToken({ forceRefresh: true });
    await counted(ours, 2);
    await expectSoon(() => told(server, 'close')).toEqual([1000]);
    const order = server.deeds.filter(({ what }) => what === 'ack' || what === 'close');
    expect(order.map(({ socket, what }) => `${what} ${socket}`)).toEqual(['ack 1', 'ack 2', 'close 1']);
    expect(gaps).toEqual([null, 0]);
  });

  it('S06 a server that fell silent is noticed by the missing pong and left', async () => {
    const server = await start();
    const ours = count(server, { heartbeat: { intervalMs: 200, timeoutMs: 800 } });
    await counted(ours, 1);
    server.silence();
    await counted(ours, 2);
    expect(ours.socket.getStatus().lastClose).toMatchObject({ code: 1006, reason: 'no answer to a ping' });
    expect(ours.calls).toHaveLength(1);
  });

  it('a quiet server that answers pings stays', async () => {
    const server = await start();
    const ours = connectDialect({
      url: server.url,
      getToken: bearer(server),
      protocol: graphqlTransportWs(),
      heartbeat: { intervalMs: 50, timeoutMs: 1_000 },
    });
    await ours.until(({ link }) => link === 'open');
    await new Promise(resolve => setTimeout(resolve, 1_500));
    expect(ours.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
  });

  it('answers the pings of the server with what they carried', async () => {
    const server = await start();
    const ours = count(server);
    await counted(ours, 1);
    server.ping({ message: 'keepalive' });
    server.ping();
    await expectSoon(() => told(server, 'pong')).toEqual([{ message: 'keepalive' }, undefined]);
    expect(ours.errors).toEqual([]);
  });

  it('a session by cookie begins with an empty connection_init, and no close signs it out', async () => {
    const server = await start({ takesCookies: true });
    const ours = connectDialect({ url: server.url, protocol: graphqlTransportWs() });
    await ours.until(({ link }) => link === 'open');
    expect(told(server, 'init')).toEqual([null]);
    for (const [code, connection] of [
      [4401, 2],
      [4403, 3],
    ] as const) {
      server.closeAll(code);
      await ours.until(status => status.link === 'open' && status.connection === connection);
    }
    expect(ours.socket.getStatus().session).toBe('valid');
    expect(ours.ends).toEqual([]);
  });

  it('S02 a server that agrees on no subprotocol is tried again, and found once it does', async () => {
    const server = await start({ agrees: false });
    const ours = count(server);
    await ours.until(({ link, attempt }) => link === 'waiting' && attempt > 0);
    expect(told(server, 'init')).toEqual([]);
    server.agrees = true;
    await counted(ours, 1);
    expect(ours.ends).toEqual([]);
  });

  it.each([
    [4406, 'Subprotocol not acceptable'],
    [4400, 'Invalid message received'],
  ])('S16 %i stops the link and keeps the session; reconnect() goes on', async (code, reason) => {
    const server = await start();
    const ours = count(server);
    await counted(ours, 1);
    server.closeAll(code, reason);
    await ours.until(({ link }) => link === 'stopped');
    expect(ours.socket.getStatus()).toMatchObject({ stopReason: 'protocol', session: 'valid' });
    ours.socket.reconnect();
    await counted(ours, 2);
    expect(ours.calls).toHaveLength(1);
  });

  it('4409, an id that was sent twice, costs a link and neither a token nor the session', async () => {
    const server = await start();
    // Jitter near its lower end.
    const platform = { WebSocket: WebSocket as unknown as Platform['WebSocket'], random: () => 0.02 };
    const ours = count(server, { platform });
    await counted(ours, 1);
    ours.socket.send({ type: 'subscribe', id: 'count', payload: { query: COUNT, variables: { from: 1 } } });
    await counted(ours, 2);
    expect(ours.socket.getStatus().lastClose).toEqual({
      code: 4409,
      reason: 'Subscriber for count already exists',
      verdict: 'going-away',
    });
    expect(ours.calls).toHaveLength(1);
    expect(ours.ends).toEqual([]);
  });

  it('an operation that was completed leaves its id for another one', async () => {
    const server = await start();
    const ours = count(server);
    await counted(ours, 1);
    ours.socket.send({ type: 'complete', id: 'count' });
    await expectSoon(() => told(server, 'complete')).toEqual(['count']);
    ours.socket.send({ type: 'subscribe', id: 'count', payload: { query: COUNT, variables: { from: 70 } } });
    await expectSoon(() => ours.numbers[0]).toContain(71);
    expect(ours.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
  });
});

import { describe, expect, it, type TestContext } from 'vitest';
import { jsonProtocol, type AuthSocketOptions, type SocketProtocol } from '../../src/core';
import { cookie } from '../../src/protocols';
import { startReferenceServer, type ReferenceServer } from '../server/referenceServer';
import type { ReferenceServerOptions } from '../server/serverOptions';
import type { ServerStats } from '../server/serverStats';
import { MemorySessionStore } from '../server/sessionStore';
import { signInOverWire, type WireClient } from '../server/wireClient';
import { carriages, type Carriage } from './carriage';

interface Setup {
  readonly server: ReferenceServer;
  readonly client: WireClient;
  readonly tickets: readonly string[];
}

type Options = Partial<AuthSocketOptions<unknown, unknown>>;
/** Where what a test starts is ended: these tests run side by side. */
type Test = Pick<TestContext, 'onTestFinished'>;

interface SetupOptions {
  server?: ReferenceServerOptions;
  /** What the options of the client are turned into. */
  change?: (given: Options, server: ReferenceServer) => Options;
}

const quick = { minMs: 20, maxMs: 300 };

async function serve({ onTestFinished }: Test, options: ReferenceServerOptions): Promise<ReferenceServer> {
  const server = await startReferenceServer({ streamIntervalMs: 0, expiringSoonMs: 0, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** A client that shows its user in this way, signed in at a server that takes it. */
async function signIn(
  test: Test,
  carriage: Carriage,
  { server: serverOptions, change = given => given }: SetupOptions = {},
): Promise<Setup> {
  const server = await serve(test, { socketAuth: carriage.mode, ...serverOptions });
  const tickets: string[] = [];
  const client = await signInOverWire(server, how => ({
    reconnect: quick,
    ...change(carriage.options({ url: server.url, tickets, ...how }), server),
  }));
  test.onTestFinished(() => client.socket.destroy());
  return { server, client, tickets };
}

async function open(...setup: Parameters<typeof signIn>): Promise<Setup> {
  const started = await signIn(...setup);
  started.client.socket.connect();
  await started.client.until(({ link }) => link === 'open');
  return started;
}

/** Messages go both ways, over the link of now. */
async function expectTalk({ client: { socket } }: Pick<Setup, 'client'>): Promise<void> {
  const id = Math.random();
  const answered = new Promise<void>(resolve => {
    socket.onMessage(message => {
      if ((message as { id?: unknown }).id === id) resolve();
    });
  });
  expect(socket.send({ type: 'echo', id })).toBe('sent');
  await answered;
}

/** Nobody was signed out, and the user is the one they were. */
function expectSignedIn({ client }: Pick<Setup, 'client'>): void {
  expect(client.ends).toEqual([]);
  expect(client.socket.getStatus().session).not.toBe('signed-out');
}

/** No access token is in any address, and neither token nor ticket in anything that is printed. */
function expectNoLeak({ client, tickets }: Pick<Setup, 'client' | 'tickets'>, seen: ServerStats[]): void {
  const targets = seen.flatMap(({ requestTargets }) => requestTargets);
  const told = [
    ...client.printed,
    String(client.socket as unknown),
    JSON.stringify(client.socket) ?? '',
    JSON.stringify(client.socket.getStatus()),
  ];
  for (const token of client.tokens)
    expect([...targets, ...told].filter(text => text.includes(token))).toEqual([]);
  for (const one of tickets) expect(told.filter(text => text.includes(one))).toEqual([]);
}

describe.concurrent.each(carriages)('$name', carriage => {
  const { judge, hasToken, mode } = carriage;

  it('X01 X02 gets its user in over one socket, messages go both ways, and no token is in an address', async test => {
    const setup = await open(test, carriage);
    await expectTalk(setup);
    const stats = setup.server.stats();
    expect(stats).toMatchObject({ upgrades: 1, authOk: 1, authErrors: {}, upgradesWithOldToken: 0 });
    expect(stats.connections[0]).toMatchObject({ user: 'ada' });
    expect(setup.client.socket.getStatus()).toMatchObject({ session: 'valid', connection: 1 });
    expect(setup.client.tokens).toHaveLength(hasToken ? 1 : 0);
    expect(setup.tickets).toHaveLength(mode === 'ticket' ? 1 : 0);
    expectNoLeak(setup, [stats]);
  });

  it('X01 survives a restart of the server that forgets every token and ticket but no session', async test => {
    const kept = { store: new MemorySessionStore(), secret: 'kept', socketAuth: mode };
    const setup = await open(test, carriage, { server: kept });
    const before = setup.server.stats();
    await setup.server.close();
    const server = await serve(test, { ...kept, port: setup.server.port });
    await setup.client.until(({ link, connection }) => link === 'open' && connection >= 2);
    await server.waitFor(({ sockets, authOk }) => sockets.open === 1 && authOk === 1);
    await expectTalk(setup);
    expectSignedIn(setup);
    // The forgotten token is replaced once.
    if (hasToken) expect(server.stats().refreshes).toBe(1);
    expectNoLeak(setup, [before, server.stats()]);
  });

  it('S02 X01 handshakes that are answered 401 sign nobody out: one forced refresh after two of them', async test => {
    const setup = await signIn(test, carriage);
    setup.server.faults.set('/ws', { kind: '401', count: 5 });
    setup.client.socket.connect();
    await setup.client.until(({ link }) => link === 'open');
    expect(setup.server.stats()).toMatchObject({ upgradesRefused: 5, upgrades: 1 });
    expect(setup.server.stats().faultsServed).toEqual({ '/ws 401': 5 });
    const { calls } = setup.client;
    expect(calls.filter(({ forceRefresh }) => forceRefresh)).toHaveLength(calls.length > 0 ? 1 : 0);
    await expectTalk(setup);
    expectSignedIn(setup);
    expectNoLeak(setup, [setup.server.stats()]);
  });

  it('S03 a redirect of the handshake to another server is not followed', async test => {
    const elsewhere = await serve(test, { socketAuth: mode });
    const setup = await signIn(test, carriage);
    setup.server.faults.set('/ws', { kind: 'redirect', location: elsewhere.wsUrl, count: 2 });
    setup.client.socket.connect();
    await setup.client.until(({ link }) => link === 'open');
    expect(elsewhere.stats().requestTargets).toEqual([]);
    expectSignedIn(setup);
  });

  it.for(['token_expired', 'session_revoked', 'whatever'])(
    'refused by a close that says "%s", it asks again and is let in; nobody is signed out',
    async (code, test) => {
      const setup = await signIn(test, carriage, { server: { refuseBy: 'close' } });
      setup.server.faults.setSocket({ refuseAuth: { code, count: 2 } });
      setup.client.socket.connect();
      await setup.server.waitFor(({ authOk }) => authOk === 1, 8_000);
      await setup.client.until(({ link }) => link === 'open');
      await expectTalk(setup);
      expect(setup.server.stats().authErrors).toEqual({ [code]: 2 });
      expectSignedIn(setup);
      expectNoLeak(setup, [setup.server.stats()]);
    },
  );

  it('refused by HTTP with its own credential, it asks again and is let in; nobody is signed out', async test => {
    const setup = await signIn(test, carriage, { server: { refuseBy: 'http' } });
    setup.server.faults.setSocket({ refuseAuth: { code: 'token_revoked', count: 2 } });
    setup.client.socket.connect();
    await setup.server.waitFor(({ authOk }) => authOk === 1, 8_000);
    await setup.client.until(({ link }) => link === 'open');
    await expectTalk(setup);
    expectSignedIn(setup);
    expectNoLeak(setup, [setup.server.stats()]);
  });

  it('after a logout elsewhere the source decides, and where there is none the user is kept', async test => {
    const setup = await open(test, carriage);
    const { browser, socket, ends } = setup.client;
    await browser(`${setup.server.url}/auth/logout`, { method: 'POST' });
    if (judge !== null) {
      await setup.client.until(({ session }) => session === 'signed-out');
      expect(ends).toEqual([{ reason: expect.any(String), by: 'token-source', at: expect.any(Number) }]);
      const { upgrades, upgradesRefused } = setup.server.stats();
      await new Promise(resolve => setTimeout(resolve, 500));
      expect(setup.server.stats()).toMatchObject({ upgrades, upgradesRefused, logouts: 1 });
      expect(ends).toHaveLength(1);
      return;
    }
    await setup.server.waitFor(({ upgradesRefused }) => upgradesRefused >= 3, 8_000);
    expectSignedIn(setup);
    expect(socket.getStatus().link).not.toBe('stopped');
    // Somebody logs in again in another tab: the next dial carries the new cookie.
    await browser(`${setup.server.url}/auth/login`, { method: 'POST', body: '{"user":"ada"}' });
    await setup.client.until(({ link }) => link === 'open');
    await expectTalk(setup);
    expectSignedIn(setup);
  });

  it('X04 a url() that names another server shows it no credential', async test => {
    const elsewhere = await serve(test, { socketAuth: mode });
    let dials = 0;
    const setup = await open(test, carriage, {
      change: (given, { wsUrl }) => ({ ...given, url: () => ((dials += 1) === 1 ? wsUrl : elsewhere.wsUrl) }),
    });
    setup.client.socket.reconnect();
    await setup.client.until(({ link }) => link === 'stopped');
    expect(setup.client.socket.getStatus().stopReason).toBe('misconfigured');
    expect(elsewhere.stats().requestTargets).toEqual([]);
    expectSignedIn(setup);
  });
});

describe.concurrent.each(carriages.filter(({ hasToken }) => hasToken))('a new token of $name', carriage => {
  it('goes over the open link', async test => {
    const setup = await open(test, carriage);
    const token = await setup.client.socket.getToken({ forceRefresh: true });
    await setup.server.waitFor(({ refreshFrames }) => refreshFrames.acked === 1);
    await expectTalk(setup);
    expect(setup.client.tokens[1]).toBe(token);
    expect(setup.server.stats()).toMatchObject({ upgrades: 1, refreshes: 2, authErrors: {} });
    expect(setup.client.socket.getStatus().connection).toBe(1);
    expectNoLeak(setup, [setup.server.stats()]);
  });

  it('goes over a new link where the protocol knows no other way, and the old one stays until that is open', async test => {
    const change = (given: Options): Options => {
      const { refresh: _refresh, ...protocol } = given.protocol as SocketProtocol;
      return { ...given, protocol };
    };
    const setup = await open(test, carriage, { change });
    await setup.client.socket.getToken({ forceRefresh: true });
    await setup.client.until(({ connection }) => connection === 2);
    const stats = await setup.server.waitFor(({ sockets }) => sockets.open === 1);
    const [first, second] = stats.connections;
    expect(first).toMatchObject({ closedBy: 'client', code: 1000 });
    expect(second!.authenticatedAt).toBeLessThanOrEqual(first!.closedAt!);
    expect(stats).toMatchObject({ upgrades: 2, upgradesWithOldToken: 0, refreshFrames: { received: 0 } });
    await expectTalk(setup);
    expectSignedIn(setup);
    expectNoLeak(setup, [stats]);
  });
});

it('a cookie that is refused by a close was never an open link, where the client waits for auth_ok', async test => {
  const [carriage] = carriages.filter(({ judge, mode }) => mode === 'cookie' && judge === null);
  const protocol = jsonProtocol({ carrier: { ...cookie(), waitsForReady: true } });
  const setup = await signIn(test, carriage!, {
    server: { refuseBy: 'close' },
    change: given => ({ ...given, protocol }),
  });
  setup.server.faults.setSocket({ refuseAuth: { code: 'session_revoked', count: 2 } });
  setup.client.socket.connect();
  await setup.client.until(({ link }) => link === 'open');
  expect(setup.server.stats()).toMatchObject({ upgrades: 3, authOk: 1 });
  expect(setup.client.socket.getStatus().connection).toBe(1);
  expectSignedIn(setup);
});

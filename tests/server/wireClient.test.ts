import { afterEach, expect, it } from 'vitest';
import type { AuthSocketOptions, GetToken } from '../../src/core';
import { startChaosProxy } from './chaosProxy';
import { startReferenceServer, type ReferenceServer } from './referenceServer';
import type { ReferenceServerOptions } from './serverOptions';
import { signInOverWire, type WireClient } from './wireClient';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Setup {
  server: ReferenceServer;
  client: WireClient;
}

async function start(
  serverOptions: ReferenceServerOptions = {},
  options: Partial<AuthSocketOptions<unknown, unknown>> = {},
  first: readonly GetToken[] = [],
): Promise<Setup> {
  const server = await startReferenceServer({ streamIntervalMs: 50, ...serverOptions });
  cleanups.push(() => server.close());
  const client = await signInOverWire(server, options, first);
  cleanups.push(() => client.socket.destroy());
  return { server, client };
}

async function startOpen(...setup: Parameters<typeof start>): Promise<Setup> {
  const started = await start(...setup);
  started.client.socket.connect();
  await started.client.until(({ link }) => link === 'open');
  return started;
}

function expectNoLeak({ server, client }: Setup): void {
  expect(client.tokens.length).toBeGreaterThan(0);
  const texts = [
    ...server.stats().requestTargets,
    ...client.printed,
    String(client.socket as unknown),
    JSON.stringify(client.socket) ?? '',
    JSON.stringify(client.socket.getStatus()),
  ];
  for (const token of client.tokens) expect(texts.filter(text => text.includes(token))).toEqual([]);
}

const broken: GetToken = () => {
  throw new TypeError('Failed to fetch');
};

it('T01 X01 X02 a token server that was away at first is asked until it is back, and nobody is signed out', async () => {
  const setup = await start({}, { reconnect: { minMs: 50 } }, [broken, broken]);
  const { server, client } = setup;
  server.faults.set('/auth/refresh', { kind: 'offline', count: 3 });
  client.socket.connect();
  await client.until(({ link }) => link === 'open');
  expect(client.calls).toHaveLength(6);
  expect(server.stats()).toMatchObject({ refreshes: 1, upgrades: 1 });
  expect(client.ends).toEqual([]);
  expectNoLeak(setup);
});

it('S05 X01 X02 a TCP reset is followed by a new link', async () => {
  const setup = await startOpen({}, { reconnect: { stableAfterMs: 0 } });
  const { server, client } = setup;
  await server.control({ command: 'reset' });
  await client.until(({ link, connection }) => link === 'open' && connection === 2);
  expect(client.socket.getStatus().lastClose).toMatchObject({ code: 1006, verdict: 'ambiguous' });
  expect(client.ends).toEqual([]);
  expectNoLeak(setup);
});

it('S06 a link that a silent network swallowed is left at its heartbeat deadline', async () => {
  const server = await startReferenceServer({ streamIntervalMs: 50 });
  cleanups.push(() => server.close());
  const network = await startChaosProxy(server.port);
  cleanups.push(() => network.close());
  const heartbeat = { intervalMs: 400, timeoutMs: 300 };
  const client = await signInOverWire(network, { heartbeat, timeouts: { dialMs: 500 } });
  cleanups.push(() => client.socket.destroy());
  client.socket.connect();
  await client.until(({ link }) => link === 'open');
  network.set({ mode: 'blackhole' });
  const cutAt = performance.now();
  await client.until(({ link }) => link !== 'open');
  expect(performance.now() - cutAt).toBeGreaterThan(heartbeat.intervalMs);
  expect(performance.now() - cutAt).toBeLessThan(heartbeat.intervalMs + heartbeat.timeoutMs + 1_000);
  network.heal();
  await client.until(({ link, connection }) => link === 'open' && connection === 2);
});

it.each(['token expired', '{"code":"token_expired"}', 'Authentication expired'])(
  'S10 X01 X02 a close 1008 "%s" is one forced refresh and one dial without a wait',
  async reason => {
    const setup = await startOpen();
    const { server, client } = setup;
    const toldBefore = client.printed.length;
    await server.control({ command: 'close', code: 1008, reason });
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(client.calls.slice(1)).toMatchObject([{ reason: 'rejected', forceRefresh: true }]);
    expect(server.stats().connections).toHaveLength(2);
    expect(client.printed.slice(toldBefore).filter(line => line.includes('"link":"waiting"'))).toEqual([]);
    expect(client.tokens[1]).not.toBe(client.tokens[0]);
    expectNoLeak(setup);
  },
);

it('I03 a message of 16 MB arrives whole, in order with the rest', async () => {
  const { server, client } = await startOpen();
  await server.control({ command: 'sendGarbage', kind: 'huge', bytes: 16_000_000 });
  await server.control({ command: 'send', frame: { type: 'last' } });
  await expect.poll(() => client.messages.at(-1), { timeout: 10_000 }).toBeDefined();
  await expect
    .poll(() => client.messages.some(message => (message as { type: string }).type === 'last'), {
      timeout: 10_000,
    })
    .toBe(true);
  const types = client.messages.map(message => (message as { type: string }).type);
  expect(types.indexOf('huge')).toBeGreaterThanOrEqual(0);
  expect(types.indexOf('huge')).toBeLessThan(types.indexOf('last'));
  const huge = client.messages[types.indexOf('huge')] as { text: string };
  expect(huge.text).toHaveLength(16_000_000);
  expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
});

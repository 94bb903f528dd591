import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Page, PageSignal, Platform } from '../../src/core';
import { RedisSessionStore } from '../server/redisSessionStore';
import type { ServerStats } from '../server/serverStats';
import { MemorySessionStore, type SessionStore } from '../server/sessionStore';
import { startRedis, type Redis } from '../server/startRedis';
import { openOverWire, type SetupArguments, type WireSetup } from './openOverWire';

/** Half an hour takes a second. */
const speed = 1_800;
const minutes = (n: number) => (n * 60_000) / speed;
const heartbeatMs = 25_000 / speed;

let redis: Redis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.close());

const kinds = ['memory', 'redis'] as const;

async function openStore(kind: (typeof kinds)[number]): Promise<SessionStore> {
  if (kind === 'memory') return new MemorySessionStore();
  const store = await RedisSessionStore.connect(redis.url, { prefix: `${Math.random()}:` });
  onTestFinished(() => store.close());
  return store;
}

/** A page that is in front and does nothing but tell when it is used. */
function usablePage(): { platform: Partial<Platform>; use(): void } {
  const listeners = new Set<(signal: PageSignal) => void>();
  const page: Page = {
    href: 'http://127.0.0.1/',
    isVisible: () => true,
    isOnline: () => true,
    requestFrame: () => () => {},
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    platform: { page, WebSocket: WebSocket as unknown as Platform['WebSocket'] },
    use: () => listeners.forEach(listener => listener('used')),
  };
}

/** Sessions of half an hour, access tokens that outlive the test: what is renewed here is the session alone. */
function openScaled(
  store: SessionStore,
  keepsSession: 'always' | 'while-used',
  options: SetupArguments[1] = {},
): Promise<WireSetup> {
  return openOverWire(
    { speed, store, accessTtlMs: 8 * 3_600_000, expiringSoonMs: 0 },
    // An answer is looked for when its time is over: that, too, belongs to the time from ping to ping.
    { heartbeat: { intervalMs: heartbeatMs, timeoutMs: 150, keepsSession }, ...options },
  );
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** At most one in a scaled minute since the server was started. */
function expectOneTouchAMinute({ touches }: ServerStats, sinceMs: number): void {
  expect(touches).toBeLessThanOrEqual(Math.ceil((performance.now() - sinceMs) / minutes(1)));
}

describe('two hours over servers that keep their sessions in memory and in redis', () => {
  it('S3-E the heartbeat keeps the session, with at most one touch a minute', async () => {
    const startedAt = performance.now();
    const setups = await Promise.all(kinds.map(async kind => openScaled(await openStore(kind), 'always')));
    await pause(minutes(120));
    for (const { server, client } of setups) {
      expect(client.ends).toEqual([]);
      expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
      const stats = server.stats();
      expect(stats).toMatchObject({ sessionsEnded: {}, authCloses: {}, pings: { idle: 0 } });
      expect(stats.touches).toBeGreaterThan(5);
      expectOneTouchAMinute(stats, startedAt);
    }
  });

  it('S3-E A14 with "while-used" and nobody there the server ends it, once, and the source says so', async () => {
    const startedAt = performance.now();
    const setups = await Promise.all(
      kinds.map(async kind => openScaled(await openStore(kind), 'while-used')),
    );
    for (const { client } of setups) await client.until(({ session }) => session === 'signed-out');
    expect(performance.now() - startedAt).toBeGreaterThan(minutes(29));
    const ended = setups.map(({ server }) => server.stats());
    await pause(minutes(30));
    for (const [index, { server, client }] of setups.entries()) {
      expect(client.ends).toEqual([
        { reason: expect.any(String) as string, by: 'token-source', at: expect.any(Number) as number },
      ]);
      expect(ended[index]).toMatchObject({
        touches: 0,
        sessionsEnded: { expired: 1 },
        authCloses: { session_expired: 1 },
        unauthorized: { '/auth/refresh': 1 },
        logouts: 0,
      });
      expect(ended[index]!.pings.received).toBeGreaterThan(2);
      expect(ended[index]!.pings.idle).toBe(ended[index]!.pings.received);
      // Over is over: nothing was asked or dialled in the half hour since.
      const { upgrades, requests } = ended[index]!;
      expect(server.stats()).toMatchObject({ upgrades, requests });
    }
  });

  it('S3-E a page in use keeps its session with "while-used"; 30 min after the last use it ends, once', async () => {
    const pages = kinds.map(usablePage);
    const setups = await Promise.all(
      kinds.map(async (kind, index) =>
        openScaled(await openStore(kind), 'while-used', { platform: pages[index]!.platform }),
      ),
    );
    const typing = setInterval(() => pages.forEach(page => page.use()), heartbeatMs);
    await pause(minutes(50));
    clearInterval(typing);
    for (const { server } of setups) expect(server.stats().sessionsEnded).toEqual({});
    const leftAt = performance.now();
    for (const { client } of setups) await client.until(({ session }) => session === 'signed-out');
    // The last touch is as old as the time between two pings at most.
    expect(performance.now() - leftAt).toBeGreaterThan(minutes(15));
    for (const { server, client } of setups) {
      expect(server.stats()).toMatchObject({ sessionsEnded: { expired: 1 }, logouts: 0 });
      expect(client.ends).toHaveLength(1);
    }
  });
});

it('A13 a thousand messages a minute touch the session at most once a minute', async () => {
  const startedAt = performance.now();
  const throttleMs = 400;
  const { server, client } = await openOverWire(
    { touchThrottleMs: throttleMs, expiringSoonMs: 0 },
    { heartbeat: { intervalMs: 50 } },
  );
  for (let sent = 0; sent < 4_000; sent += 100) {
    for (let one = 0; one < 100; one += 1) client.socket.send({ type: 'echo', id: sent + one });
    await pause(throttleMs / 10);
  }
  const stats = await server.waitFor(({ echoes }) => echoes.received === 4_000);
  expect(stats.touches).toBeGreaterThanOrEqual(2);
  expect(stats.touches).toBeLessThanOrEqual(Math.ceil((performance.now() - startedAt) / throttleMs));
});

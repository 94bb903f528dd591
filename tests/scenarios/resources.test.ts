import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { createAuthSocket, type GetToken } from '../../src/core';
import { browserPage } from '../../src/runtime/browserPage';
import { createTestWorld } from '../../src/testing';
import { clientInWorld } from './clientInWorld';

// Node hands the collector out only to a context that is made after the flag was set.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('resources', () => {
  it('a client that was made does nothing: no timer, no listener, no call, no socket', async () => {
    const world = createTestWorld();
    const subscribe = vi.spyOn(world.platform.page!, 'subscribe');
    createAuthSocket({ url: '/ws', getToken: world.tokens.source, platform: world.platform });
    await world.clock.advance(60_000);
    expect(world.clock.pendingTimers).toBe(0);
    expect(subscribe).not.toHaveBeenCalled();
    expect(world.tokens.calls).toHaveLength(0);
    expect(world.server.dials).toHaveLength(0);
  });

  it('Z01 ten thousand links made and dropped leave one timer, one socket and at most a megabyte', async () => {
    const client = clientInWorld(
      { onTrace: () => {}, reconnect: { stableAfterMs: 0 } },
      { tokenLifetimeMs: 1e10 },
    );
    await client.open(100);
    const cycles = async (n: number) => {
      for (let i = 0; i < n; i++) {
        client.world.server.last.drop();
        await client.world.clock.advance(3_500);
        client.world.server.forget();
      }
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    await cycles(1_000);
    const before = await cycles(10);
    const after = await cycles(9_000);
    expect(client.socket.getStatus().link).toBe('open');
    expect(client.socket.getStatus().connection).toBeGreaterThan(10_000);
    expect(client.world.clock.pendingTimers).toBe(1);
    expect(client.world.openSockets).toBe(1);
    expect(after - before).toBeLessThan(1024 * 1024);
    await client.end();
  }, 60_000);

  it('Z03 destroy() from any moment leaves nothing at once but the sink of an abandoned dial', async () => {
    for (const ms of [0, 1, 5, 100, 1_000, 10_000]) {
      for (const mode of ['accept', 'refuse', 'hang'] as const) {
        const client = clientInWorld();
        client.world.server[mode]();
        client.socket.connect();
        await client.world.clock.advance(ms);
        const isDialling = client.socket.getStatus().link === 'connecting';
        client.socket.destroy();
        client.socket.destroy();
        expect(client.world.clock.pendingTimers).toBe(isDialling ? 1 : 0);
        expect(client.socket.getStatus()).toMatchObject({ link: 'stopped', stopReason: 'destroyed' });
        await expect(client.socket.getToken()).rejects.toMatchObject({ code: 'destroyed' });
        expect(client.socket.send({ n: 1 })).toBe('dropped');
        client.socket.connect();
        client.socket.reconnect();
        client.socket.retrySession();
        await client.end();
      }
    }
  });

  it('Z03 page and token source have no listener before connect(), after disconnect() and after destroy()', async () => {
    const world = createTestWorld();
    const listening = { page: 0, source: 0 };
    const counted = <A extends unknown[]>(name: 'page' | 'source', subscribe: (...args: A) => () => void) => {
      return (...args: A) => {
        listening[name]++;
        const leave = subscribe(...args);
        return () => {
          listening[name]--;
          leave();
        };
      };
    };
    const real = world.platform.page!;
    const source = world.tokens.source as { getToken: GetToken; subscribe(onChange: () => void): () => void };
    const client = clientInWorld(
      {
        platform: {
          ...world.platform,
          page: {
            href: real.href,
            isVisible: () => real.isVisible(),
            isOnline: () => real.isOnline(),
            requestFrame: callback => real.requestFrame(callback),
            subscribe: counted('page', listener => real.subscribe(listener)),
          },
        },
        getToken: {
          getToken: source.getToken,
          subscribe: counted('source', onChange => source.subscribe(onChange)),
        },
      },
      world,
    );
    expect(listening).toEqual({ page: 0, source: 0 });
    await client.open();
    expect(listening).toEqual({ page: 1, source: 1 });
    client.socket.disconnect();
    expect(listening).toEqual({ page: 0, source: 0 });
    await client.open();
    expect(listening).toEqual({ page: 1, source: 1 });
    await client.socket.signOut();
    expect(listening).toEqual({ page: 0, source: 0 });
    client.socket.retrySession();
    await world.clock.advance(1_000);
    expect(listening).toEqual({ page: 1, source: 1 });
    client.socket.destroy();
    expect(listening).toEqual({ page: 0, source: 0 });
  });

  it('Z03 destroy() settles every promise that somebody waits for', async () => {
    const client = clientInWorld();
    client.world.tokens.hang();
    client.socket.connect();
    const waiting = client.socket.getToken();
    const leaving = clientInWorld();
    await leaving.open();
    const signOut = leaving.socket.signOut({ before: () => new Promise(() => {}) });
    client.socket.destroy();
    leaving.socket.destroy();
    await expect(waiting).rejects.toMatchObject({ code: 'destroyed' });
    await signOut;
    await client.end();
    await leaving.end();
  });

  it('Z03 the browser page adds its listeners with the first subscriber and removes every one', () => {
    const listeners = new Map<string, number>();
    const target = {
      addEventListener: (type: string) => listeners.set(type, (listeners.get(type) ?? 0) + 1),
      removeEventListener: (type: string) => listeners.set(type, (listeners.get(type) ?? 0) - 1),
    };
    const page = browserPage({
      ...target,
      document: { ...target, visibilityState: 'visible' },
      navigator: { onLine: true },
      location: { href: 'https://a.test/' },
    } as never);
    expect(listeners.size).toBe(0);
    const leave = page.subscribe(() => {});
    expect(listeners.size).toBeGreaterThan(7);
    leave();
    expect([...listeners.values()].every(count => count === 0)).toBe(true);
  });

  it('K07 a token that lives 30 days or 100 years is refreshed 0 times in the first hour, and no timer is near 2^31', async () => {
    for (const days of [30, 36_500]) {
      const world = createTestWorld();
      const delays: number[] = [];
      const { clock } = world.platform;
      const spied = {
        ...clock,
        wallMs: () => clock.wallMs(),
        elapsedMs: () => clock.elapsedMs(),
        setTimer(callback: () => void, ms: number) {
          delays.push(ms);
          return clock.setTimer(callback, ms);
        },
      };
      const client = clientInWorld(
        { platform: { ...world.platform, clock: spied }, heartbeat: false },
        world,
      );
      world.tokens.answer({ token: 'long', expiresInMs: days * 86_400_000 });
      world.server.auto = false;
      client.socket.connect();
      await world.clock.advance(0);
      world.server.last.send({ type: 'auth_ok' });
      await world.clock.advance(3_600_000);
      expect(world.tokens.calls).toHaveLength(1);
      expect(Math.max(...delays)).toBeLessThanOrEqual(30_000);
      client.socket.destroy();
    }
  });

  it('K07 a token of 30 days without a heartbeat: one call and one link in an hour', async () => {
    const client = clientInWorld({ heartbeat: false });
    client.world.tokens.answer({ token: 'long', expiresInMs: 30 * 86_400_000 });
    await client.open();
    await client.world.clock.advance(3_600_000);
    expect(client.world.tokens.calls).toHaveLength(1);
    expect(client.world.server.dials).toHaveLength(1);
    await client.end();
  });
});

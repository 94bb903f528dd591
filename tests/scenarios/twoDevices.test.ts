import { describe, expect, it } from 'vitest';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { AuthServer, callApi } from './authServer';
import { clientInTab } from './tabsInWorld';

const minute = 60_000;

/** Two browsers and their one server: what passes in one passes in the other. */
function twoDevices(seed: number) {
  const worlds = [createTestWorld({ seed }), createTestWorld({ seed: seed + 100 })] as const;
  // Each browser has its own refresh cookie, and so a family of its own; the cap is the user's.
  const server = new AuthServer(worlds[0].openTab(), { cap: 5 });
  const advance = async (ms: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 1_000)
      for (const world of worlds) await world.clock.advance(1_000);
  };
  return { worlds, server, advance };
}

/** A tab with an API that is called every 30 s and counts what its token was worth. */
function openPage(world: TestWorld, server: AuthServer, ends: unknown[]) {
  const tab = world.openTab();
  const client = clientInTab(tab, {
    refreshLeadMs: minute,
    onSessionExpired: end => ends.push(end),
    getToken: async () => {
      await new Promise<void>(done => void tab.platform.clock.setTimer(done, 200));
      return server.mint();
    },
  });
  client.socket.connect();
  return { client, stop: callApi([client], server) };
}

describe('S2-E two devices of one user under a cap of 5 tokens', () => {
  it('S2-E reloads every 5 minutes on both cost one token per load, no refusal of a token in use, and no sign-out', async () => {
    const { worlds, server, advance } = twoDevices(1);
    const ends: unknown[] = [];
    let pages = worlds.map(world => openPage(world, server, ends));
    for (let reload = 0; reload < 24; reload += 1) {
      await advance(5 * minute);
      for (const { client, stop } of pages) {
        expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
        stop();
        client.world.dispose();
      }
      pages = worlds.map(world => openPage(world, server, ends));
    }
    await advance(minute);
    expect(ends).toEqual([]);
    // Each page of each device got one token of its own, and kept it.
    expect(server.mints).toBe(50);
    expect(server.denials).toBe(0);
    expect(server.evictions).toBeGreaterThan(0);
    for (const { client, stop } of pages) {
      stop();
      await client.end();
    }
  });

  it.each([
    ['by its HTTP calls', false],
    ['by its socket, too', true],
  ])(
    'S2-E a device whose token another one pushes out every few minutes learns it %s, and each time costs one refresh for all its tabs',
    async (_how, isClosed) => {
      const { worlds, server, advance } = twoDevices(2);
      const ends: unknown[] = [];
      const pages = [1, 2, 3].map(() => openPage(worlds[0], server, ends));
      await advance(minute);
      for (let push = 0; push < 10; push += 1) {
        const before = server.mints;
        const token = await pages[0]!.client.socket.getToken();
        // Five loads of the page on the other device.
        for (let n = 0; n < 5; n += 1) {
          const { client, stop } = openPage(worlds[1], server, ends);
          await advance(1_000);
          stop();
          client.world.dispose();
        }
        if (isClosed)
          for (const link of worlds[0].server.connections) link.close(1008, '{"code":"token_revoked"}');
        await advance(40_000);
        expect(server.mints - before - 5).toBe(1);
        const tokens = await Promise.all(pages.map(({ client }) => client.socket.getToken()));
        expect(new Set(tokens).size).toBe(1);
        expect(tokens[0]).not.toBe(token);
        await advance(2 * minute);
        expect(server.mints - before - 5).toBe(1);
      }
      expect(ends).toEqual([]);
      for (const { client, stop } of pages) {
        expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
        stop();
        await client.end();
      }
    },
  );
});

import { describe, expect, it } from 'vitest';
import { createTestWorld } from '../../src/testing';
import { AuthServer, type AuthServerOptions } from './authServer';
import { openTabs, endAll, type TabClient } from './tabsInWorld';

/** The tab whose request is under way. */
function refreshing(clients: readonly TabClient[], server: AuthServer): TabClient {
  const tabs = [...server.pending].map(({ tab }) => tab);
  return clients.find(({ world }) => tabs.includes(world))!;
}

/** Lets time pass until one of them asks for the next token. */
async function untilRequested([first]: readonly TabClient[], server: AuthServer): Promise<void> {
  const { clock } = first!.world;
  // Twelve seconds before the first of them can be due.
  const leftMs = first!.socket.getStatus().tokenExpiresAt! - clock.now();
  await clock.advance(Math.max(0, leftMs - 144_000));
  while (server.pending.size === 0) await clock.advance(50);
}

/** Tabs of one strict single-use refresh cookie, up to the moment at which one of them refreshes. */
async function untilOneRefreshes(options: AuthServerOptions = {}, count = 4, seed = 1) {
  const world = createTestWorld({ seed });
  const server = new AuthServer(world.openTab(), { graceMs: 0, latencyMs: 400, ...options });
  const jar = server.newJar();
  const clients = await openTabs(
    count,
    (tab, n) => ({ getToken: server.refreshFrom(tab, jar), url: `/ws?tab=${n}` }),
    world,
  );
  await world.clock.advance(30_000);
  const former = await clients[0]!.socket.getToken();
  await untilRequested(clients, server);
  const leader = refreshing(clients, server);
  const others = clients.filter(client => client !== leader);
  return { clients, leader, others, server, former, clock: world.clock };
}

/** Lets time pass until each of these has a token other than the former one; how long that took. */
async function untilFresh(clients: readonly TabClient[], former: string, withinMs: number): Promise<number> {
  const { clock } = clients[0]!.world;
  const started = clock.now();
  const isFresh = async () =>
    (await Promise.all(clients.map(({ socket }) => socket.getToken()))).every(token => token !== former);
  while (!(await isFresh())) {
    expect(clock.now() - started).toBeLessThanOrEqual(withinMs);
    await clock.advance(50);
  }
  return clock.now() - started;
}

const expectSound = (clients: readonly TabClient[]) => {
  for (const { socket, ends } of clients) {
    expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    expect(ends).toEqual([]);
  }
};

describe('S2-B the tab that refreshes for all', () => {
  it.each([2, 3, 6])(
    'S2-B M02 one of %i, killed before its request arrived, is stood in for within 2 s, and the family lives',
    async count => {
      for (let seed = 1; seed <= 8; seed += 1) {
        const { leader, others, server, former, clock } = await untilOneRefreshes({}, count, seed);
        await clock.advance(100);
        expect([...server.pending].map(({ hasReachedServer }) => hasReachedServer)).toEqual([false]);
        server.kill(leader.world);
        expect(await untilFresh(others, former, 5_000), `seed ${seed}`).toBeLessThanOrEqual(2_000);
        expectSound(others);
        expect([server.revocations, server.mints]).toEqual([0, 2]);
        await endAll(others);
      }
    },
  );

  it('S2-B M02 killed after its request had rotated the cookie, 10 s of grace save the family', async () => {
    const { leader, others, server, former, clock } = await untilOneRefreshes({ graceMs: 10_000 });
    await clock.advance(250);
    expect([...server.pending].map(({ hasReachedServer }) => hasReachedServer)).toEqual([true]);
    server.kill(leader.world);
    expect(await untilFresh(others, former, 5_000)).toBeLessThanOrEqual(2_000);
    expectSound(others);
    expect([server.revocations, server.mints]).toEqual([0, 3]);
    await endAll(others);
  });

  it('S2-B without such grace no client could have helped: the next refresh is a replay, and all are told once', async () => {
    const { leader, others, server, clock } = await untilOneRefreshes();
    await clock.advance(250);
    server.kill(leader.world);
    await clock.advance(5_000);
    expect(server.revocations).toBe(1);
    expect(others.map(({ ends }) => ends.length)).toEqual([1, 1, 1]);
    await endAll(others);
  });

  it('S2-B M02 closed in good order, it gives its turn back at once', async () => {
    const { leader, others, server, former, clock } = await untilOneRefreshes();
    leader.world.page.pagehide();
    await clock.advance(0);
    expect(leader.log.turns).toBe(0);
    server.kill(leader.world);
    expect(await untilFresh(others, former, 5_000)).toBeLessThanOrEqual(1_000);
    expectSound(others);
    expect(server.revocations).toBe(0);
    await endAll(others);
  });

  it.each([
    ['while its answer is under way', 400],
    // The browser's network goes on without the page; a token call is given 10 s.
    ['while a slow answer is under way', 8_000],
  ])(
    'S2-B M03 its script stalled for 30 s %s, the others go on after 5 s with the cookie that came, and it ends up with their token',
    async (_when, latencyMs) => {
      const { clients, leader, others, server, former, clock } = await untilOneRefreshes({
        latencyMs,
        graceMs: latencyMs > 1_000 ? 10_000 : 0,
      });
      await clock.advance(latencyMs / 4);
      const stalledAt = clock.now();
      leader.hang();
      expect(await untilFresh(others, former, 20_000)).toBeLessThanOrEqual(5_600 + latencyMs);
      await clock.advance(30_000 - (clock.now() - stalledAt));
      leader.goOn();
      await clock.advance(5_000);
      expectSound(clients);
      expect(server.revocations).toBe(0);
      const tokens = await Promise.all(clients.map(({ socket }) => socket.getToken()));
      expect(new Set(tokens).size).toBe(1);
      expect(tokens[0]).not.toBe(former);
      // Its own token came too late to be shown to anybody.
      const links = leader.world.server.connections;
      const shown = links
        .filter(({ url }) => url.endsWith(`tab=${clients.indexOf(leader)}`))
        .flatMap(({ received }) => (received as { token?: string }[]).flatMap(({ token }) => token ?? []));
      expect(shown.slice(shown.indexOf(former))).toEqual([former, tokens[0]]);
      await endAll(clients);
    },
  );

  it('S2-B M02 each refreshing tab killed in turn, the last one is still signed in', async () => {
    const { clients, server, clock } = await untilOneRefreshes({}, 6);
    let left = [...clients];
    while (left.length > 1) {
      if (server.pending.size === 0) await untilRequested(left, server);
      const leader = refreshing(left, server);
      left = left.filter(client => client !== leader);
      server.kill(leader.world);
      await clock.advance(5_000);
      expectSound(left);
    }
    expect(server.revocations).toBe(0);
    await endAll(left);
  });
});

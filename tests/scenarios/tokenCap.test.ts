import { describe, expect, it } from 'vitest';
import { createTestWorld } from '../../src/testing';
import { AuthServer, callApi } from './authServer';
import { neverGranted, throwing } from './lockFaults';
import { endAll, openTabs, type TabPorts } from './tabsInWorld';

const hour = 3_600_000;
const minute = 60_000;

interface Day {
  tabs?: 'share' | 'separate';
  graceMs?: number;
  ports?: TabPorts;
  hours?: number;
}

/** Timeline 2c: tabs of one user under a cap of 5, one of them visible, each with a link and an HTTP call every 30 s. */
async function workingDay(count: number, { tabs = 'share', graceMs = 0, ports = {}, hours = 8 }: Day = {}) {
  const world = createTestWorld({ seed: count });
  const server = new AuthServer(world.openTab(), { cap: 5, graceMs });
  const jar = server.newJar();
  const clients = await openTabs(
    count,
    // Pings are another story, and would take most of the time.
    tab => ({ getToken: server.refreshFrom(tab, jar), refreshLeadMs: minute, tabs, heartbeat: false }),
    world,
    ports,
  );
  for (const { world: tab } of clients.slice(1)) tab.page.hide();
  // Where no call is refused it does not matter when each leaves.
  const groups = tabs === 'share' ? [clients] : clients.map(client => [client]);
  const stops = groups.map(group => callApi(group, server));
  await world.clock.advance(hours * hour - count * 1_000);
  for (const stop of stops) stop();
  for (const { socket } of clients) expect(socket.getStatus().link).toBe('open');
  const { mints, denials, revocations, mostLive } = server;
  const authCloses = world.server.connections.filter(({ closed }) => closed?.by === 'server').length;
  const ends = clients.flatMap(client => client.ends).length;
  await endAll(clients);
  return { mints, denials, revocations, mostLive, authCloses, ends };
}

describe('S2-A eight hours with tokens of 15 minutes under a limit of 5 live ones per user', () => {
  it.each([2, 5, 6, 8, 20])(
    'S2-A M12 %i tabs that share refresh 34 times in all, and the server never refuses one of their tokens',
    async count => {
      const { mints, mostLive, ...trouble } = await workingDay(count);
      expect(mints).toBeGreaterThanOrEqual(33);
      expect(mints).toBeLessThanOrEqual(35);
      expect(mostLive).toBeLessThanOrEqual(2);
      expect(trouble).toEqual({ denials: 0, revocations: 0, authCloses: 0, ends: 0 });
    },
  );

  it.each([
    [
      5,
      'each tab refreshes for itself: 172 tokens, and next to no refusal up to the limit',
      [165, 185],
      [0, 10],
    ],
    [
      6,
      'one tab more than the limit: hundreds of refusals, each of which evicts the next one',
      [500, 8_000],
      [500, 8_000],
    ],
    [8, 'three tabs more: thousands', [2_000, 20_000], [2_000, 20_000]],
  ] as const)('S2-A M12 the failure, with %i separate tabs: %s', async (count, _what, mints, denials) => {
    const seen = await workingDay(count, { tabs: 'separate', graceMs: 30_000 });
    expect(seen.mints).toBeGreaterThanOrEqual(mints[0]);
    expect(seen.mints).toBeLessThanOrEqual(mints[1]);
    expect(seen.denials).toBeGreaterThanOrEqual(denials[0]);
    expect(seen.denials).toBeLessThanOrEqual(denials[1]);
  });

  it('S2-A the other failure: two separate tabs use one refresh cookie twice, and lose the session for all', async () => {
    const world = createTestWorld();
    const server = new AuthServer(world.openTab());
    const jar = server.newJar();
    const clients = await openTabs(
      2,
      tab => ({ getToken: server.refreshFrom(tab, jar), tabs: 'separate' as const }),
      world,
    );
    // They wake together.
    const woken = clients.map(({ socket }) => socket.getToken({ forceRefresh: true }));
    const settled = Promise.allSettled(woken);
    await world.clock.advance(20 * minute);
    await settled;
    expect(server.revocations).toBe(1);
    expect(clients.map(({ ends }) => ends.length)).toEqual([1, 1]);
    await endAll(clients);
  });

  it.each([
    ['no locks', { lock: null }],
    ['locks that are never granted', { lock: neverGranted }],
    ['locks that throw', { lock: throwing }],
  ])(
    'S2-A M05 with %s six tabs still do not use one cookie twice: who begins says so, and the others wait for its token',
    async (_what, ports) => {
      const { mints, mostLive, ...trouble } = await workingDay(6, { ports });
      expect(mints).toBeLessThanOrEqual(36);
      expect(mostLive).toBeLessThanOrEqual(3);
      expect(trouble).toEqual({ denials: 0, revocations: 0, authCloses: 0, ends: 0 });
    },
  );

  it('S2-A M06 without a channel the lock keeps six tabs from using one cookie twice', async () => {
    const seen = await workingDay(6, { ports: { tabs: null }, hours: 1 });
    expect(seen).toMatchObject({ revocations: 0, ends: 0 });
  });
});

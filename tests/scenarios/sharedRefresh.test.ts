import { describe, expect, it } from 'vitest';
import { createTestWorld } from '../../src/testing';
import {
  callsOf,
  clientInTab,
  endAll,
  openTabs,
  tabsOf,
  watchedPlatform,
  type TabClient,
} from './tabsInWorld';

const minute = 60_000;
const hour = 60 * minute;

const tokensOf = (clients: readonly TabClient[]) =>
  Promise.all(clients.map(({ socket }) => socket.getToken()));

describe('M01 tabs of one session', () => {
  it('M01 a tab that is opened takes over the token of the others', async () => {
    const clients = await openTabs(5);
    for (const { socket } of clients)
      expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    expect(callsOf(clients)).toBe(1);
    await endAll(clients);
  });

  it('M01 that come up at once ask the source once', async () => {
    const world = createTestWorld();
    const clients = tabsOf(world, 6).map(tab => clientInTab(tab));
    for (const { socket } of clients) socket.connect();
    await world.clock.advance(3_000);
    for (const { socket } of clients)
      expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    expect(callsOf(clients)).toBe(1);
    await endAll(clients);
  });

  it('M01 refresh once for all, and each presents the new token on its open link', async () => {
    const clients = await openTabs(5);
    await clients[0]!.world.clock.advance(15 * minute);
    expect(callsOf(clients)).toBe(2);
    for (const { socket } of clients)
      expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 1 });
    expect(new Set(clients.map(({ socket }) => socket.getStatus().tokenExpiresAt)).size).toBe(1);
    await endAll(clients);
  });

  it('M01 a tab that was asked for a token by its application answers with what a sibling got', async () => {
    const [first, second] = (await openTabs(2)) as [TabClient, TabClient];
    const fresh = first.socket.getToken({ forceRefresh: true });
    const same = second.socket.getToken({ forceRefresh: true });
    await first.world.clock.advance(1_000);
    expect(await same).toBe(await fresh);
    expect(callsOf([first, second])).toBe(2);
    await endAll([first, second]);
  });

  it('M01 a token that the server refuses in every tab is replaced by one call', async () => {
    const clients = await openTabs(5);
    const { world } = clients[0]!;
    await world.clock.advance(10_000);
    for (const connection of world.server.connections) connection.close(1008, '{"code":"token_revoked"}');
    await world.clock.advance(2_000);
    expect(callsOf(clients)).toBe(2);
    for (const { socket } of clients)
      expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 2 });
    await endAll(clients);
  });
});

describe('when all tabs wake at once', () => {
  const sleepers = async (visible: number | null) => {
    const clients = await openTabs(5);
    const { world } = clients[0]!;
    for (const [n, { world: tab }] of clients.entries()) if (n !== visible) tab.page.hide();
    await world.clock.advance(10_000);
    const before = clients.map(({ world: tab }) => tab.tokens.calls.length);
    await world.clock.sleep(8 * hour);
    for (const { world: tab } of clients) tab.page.online();
    await world.clock.advance(40_000);
    const calls = clients.map(({ world: tab }, n) => tab.tokens.calls.length - before[n]!);
    expect(new Set(await tokensOf(clients)).size).toBe(1);
    for (const { socket } of clients)
      expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    await endAll(clients);
    return calls;
  };

  it('M01 K04 the visible one makes the one call, and the hidden ones take over its token', async () => {
    expect(await sleepers(3)).toEqual([0, 0, 0, 1, 0]);
  });

  it('M01 K04 one of the hidden ones makes it where none is visible', async () => {
    const calls = await sleepers(null);
    expect(calls.reduce((sum, n) => sum + n)).toBe(1);
  });
});

describe('hidden tabs whose timers run once a minute', () => {
  it('L01 M01 refresh together and in time with nobody looking, in whatever phase of that minute', async () => {
    for (let phase = 0; phase < 60; phase += 5) {
      const world = createTestWorld({ throttleHiddenTimers: true, seed: phase });
      await world.clock.advance(phase * 1_000);
      const clients = await openTabs(3, {}, world);
      for (const { world: tab } of clients) tab.page.hide();
      await world.clock.advance(2 * hour);
      expect(world.server.connections.map(({ closed }) => closed)).toEqual([null, null, null]);
      for (const { socket } of clients)
        expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 1 });
      // Due two minutes ahead; one of them is lost to the timer, and next to nothing to what tabs have to settle.
      const asked = clients.flatMap(({ trace }) => trace.filter(({ type }) => type === 'token.asked'));
      const times = asked.map(({ at }) => at).sort((a, b) => a - b);
      expect(times.length).toBeLessThanOrEqual(11);
      for (const [n, at] of times.slice(1).entries())
        expect(at - times[n]!, `phase ${phase}`).toBeLessThanOrEqual(14 * minute + 2_000);
      await endAll(clients);
    }
  });

  it('L01 M01 in time, too, where the timer comes on time, and standing back then costs the next minute', async () => {
    const world = createTestWorld({ throttleHiddenTimers: true });
    // So that the refresh is due in the very moment in which timers run.
    await world.clock.advance(59_000);
    const client = clientInTab(world, { platform: { ...watchedPlatform(world).platform, random: () => 0 } });
    await client.open();
    world.page.hide();
    await world.clock.advance(hour);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 1 });
    expect(world.server.last.closed).toBeNull();
    await client.end();
  });

  /** A hidden tab whose refresh has just come due, and which stands back for visible ones. */
  const standingBack = async () => {
    const world = createTestWorld();
    const client = clientInTab(world, { refreshLeadMs: 30_000 });
    await client.open();
    world.page.hide();
    await world.clock.advance(client.socket.getStatus().tokenExpiresAt! - world.clock.now() - 29_900);
    expect(client.log.requests).toHaveLength(1);
    await world.clock.advance(1_000);
    expect(client.log.requests).toHaveLength(1);
    return { client, world };
  };

  it('M01 one that stands back for others goes ahead after 15 s at the latest', async () => {
    const { client, world } = await standingBack();
    await world.clock.advance(8_000);
    expect(world.tokens.calls).toHaveLength(2);
    await client.end();
  });

  it('M01 one that stands back goes ahead as soon as it is looked at', async () => {
    const { client, world } = await standingBack();
    world.page.show();
    await world.clock.advance(100);
    expect(world.tokens.calls).toHaveLength(2);
    await client.end();
  });

  it('M01 one that stands back does not let its application wait', async () => {
    const { client, world } = await standingBack();
    const fresh = client.socket.getToken({ minValidityMs: 5 * minute });
    await world.clock.advance(100);
    await fresh;
    expect(world.tokens.calls).toHaveLength(2);
    await client.end();
  });
});

describe('tabs that are not connected', () => {
  it('M01 getToken() without connect() takes part too, and leaves the channel when it has its answer', async () => {
    const [first] = (await openTabs(1)) as [TabClient];
    const { world } = first;
    const idle = clientInTab(world.openTab());
    const token = idle.socket.getToken();
    await world.clock.advance(100);
    expect(await token).toBe(await first.socket.getToken());
    expect(idle.world.tokens.calls).toHaveLength(0);
    expect(idle.isGone).toBe(true);
    await endAll([first, idle]);
  });

  it('M01 a page that disconnects as it is left and connects as it comes back is among its siblings again', async () => {
    const [first, second] = (await openTabs(2)) as [TabClient, TabClient];
    const { world } = first;
    second.world.page.pagehide({ persisted: true });
    second.socket.disconnect();
    await world.clock.advance(1_000);
    expect(second.isGone).toBe(true);
    second.world.page.pageshow({ persisted: true });
    second.socket.connect();
    await world.clock.advance(1_000);
    expect(second.log.channels).toBe(1);
    await endAll([first, second]);
  });
});

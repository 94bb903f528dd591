import { describe, expect, it } from 'vitest';
import { browserLock } from '../../src/runtime/browserLock';
import type { Lock } from '../../src/runtime/ports';
import { createTestWorld, type TestWorld } from '../../src/testing';
import * as broken from './lockFaults';
import { callsOf, clientInTab, endAll, openTabs, tabsOf, type TabClient } from './tabsInWorld';

/** Lets time pass until one of these tabs queues up for its turn; the answer is that moment. */
async function untilQueued(clients: readonly TabClient[]): Promise<number> {
  const { clock } = clients[0]!.world;
  const requests = () => clients.reduce((sum, { log }) => sum + log.requests.length, 0);
  const before = requests();
  while (requests() === before) await clock.advance(100);
  return Math.min(...clients.flatMap(({ log }) => log.requests.slice(-1).map(({ at }) => at)));
}

const allOpen = (clients: readonly TabClient[]) => {
  for (const { socket } of clients)
    expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 1 });
};

describe('the turn to call the token source', () => {
  it('M04 is waited for in slices of 1.5 s and for 5 s in all, then the call leaves without it', async () => {
    const world = createTestWorld();
    const client = clientInTab(world, {}, { lock: broken.neverGranted });
    client.socket.connect();
    await world.clock.advance(6_000);
    allOpen([client]);
    const askedAt = await untilQueued([client]);
    const calls = world.tokens.calls.length;
    await world.clock.advance(4_900);
    expect(world.tokens.calls).toHaveLength(calls);
    await world.clock.advance(700);
    expect(world.tokens.calls).toHaveLength(calls + 1);
    const slices = client.log.requests.map(({ at }) => at - askedAt).filter(at => at >= 0);
    expect(slices).toEqual([0, 1_500, 3_000, 4_500]);
    expect(client.log.turns).toBe(0);
    await client.end();
  });

  it('M04 a new slice gets past a tab that navigated away with the lock', async () => {
    const world = createTestWorld();
    const client = clientInTab(world, {}, { lock: broken.stuckUntilAskedAgain(world.platform.lock!) });
    client.socket.connect();
    await world.clock.advance(1_400);
    expect(world.tokens.calls).toHaveLength(0);
    await world.clock.advance(200);
    allOpen([client]);
    await client.end();
  });

  it('M04 a grant that comes 6 s late finds the call gone on without it, and calls nobody', async () => {
    const world = createTestWorld();
    const client = clientInTab(world, {}, { lock: broken.late(world, 6_000) });
    client.socket.connect();
    await world.clock.advance(20_000);
    allOpen([client]);
    expect(world.tokens.calls).toHaveLength(1);
    expect(client.log.turns).toBe(0);
    await client.end();
  });

  it('M04 S2-A stolen by other code, the call goes on, is not made twice, and nothing is left unhandled', async () => {
    const world = createTestWorld();
    const clients: TabClient[] = [];
    const thieves: (() => void)[] = [];
    for (const tab of tabsOf(world, 3)) {
      const { lock, steal } = broken.stealable(tab.platform.lock!);
      thieves.push(steal);
      clients.push(clientInTab(tab, {}, { lock }));
    }
    for (const { socket } of clients) {
      socket.connect();
      await world.clock.advance(1_000);
    }
    world.tokens.hang();
    await untilQueued(clients);
    await world.clock.advance(1_000);
    expect(callsOf(clients)).toBe(2);
    for (const steal of thieves) steal();
    await world.clock.advance(500);
    world.tokens.issue();
    await world.clock.advance(5_000);
    allOpen(clients);
    for (const { world: tab } of clients) expect(tab.tokens.calls.length).toBeLessThanOrEqual(2);
    await endAll(clients);
  });

  it('M04 is never taken by force: a request carries a signal and nothing else', async () => {
    const world = createTestWorld();
    const options: object[] = [];
    const lock = world.platform.lock!;
    const locks = {
      request(name: string, given: { signal: AbortSignal }, body: () => Promise<unknown>) {
        options.push(given);
        return lock.request(name, given.signal, body);
      },
    };
    const client = clientInTab(world, {}, { lock: browserLock({ locks } as unknown as Navigator) });
    await client.open();
    await world.clock.advance(900_000);
    expect(world.tokens.calls).toHaveLength(2);
    expect(options).toEqual([{ signal: expect.any(AbortSignal) }, { signal: expect.any(AbortSignal) }]);
    await client.end();
  });

  it('M03 kept by a tab that hangs, it is waited for 5 s by the others, who then refresh and go on', async () => {
    const clients = await openTabs(4);
    const [hung, ...others] = clients as [TabClient, ...TabClient[]];
    const { world } = hung;
    const before = await others[0]!.socket.getToken();
    // Its script stands still in the middle of a call: no event tells it to let go.
    world.tokens.hang();
    hung.socket.getToken({ forceRefresh: true }).catch(() => {});
    await world.clock.advance(100);
    hung.hang();
    world.tokens.issue();
    const started = world.clock.now();
    const fresh = others.map(({ socket }) => socket.getToken({ forceRefresh: true }));
    await world.clock.advance(5_600);
    const tokens = await Promise.all(fresh);
    expect(world.clock.now() - started).toBeLessThanOrEqual(5_600);
    for (const token of tokens) expect(token).not.toBe(before);
    // Not all of them called: the first one's token reached the others in time, or they called at once.
    expect(others.map(({ world: tab }) => tab.tokens.calls.length).every(calls => calls <= 1)).toBe(true);
    await world.clock.advance(24_000);
    hung.goOn();
    await world.clock.advance(3_000);
    for (const { socket } of clients) expect(socket.getStatus().session).toBe('valid');
    expect(new Set(await Promise.all(clients.map(({ socket }) => socket.getToken()))).size).toBe(1);
    await endAll(clients);
  });

  it.each([
    ['freeze', (tab: TestWorld) => tab.page.freeze()],
    ['pagehide', (tab: TestWorld) => tab.page.pagehide({ persisted: true })],
  ])(
    'M03 is given back on %s by the tab that holds it and by one that waits for it',
    async (_event, leave) => {
      const clients = await openTabs(3);
      const [holder, waiter, third] = clients as [TabClient, TabClient, TabClient];
      const { world } = holder;
      world.tokens.hang();
      holder.socket.getToken({ forceRefresh: true }).catch(() => {});
      await world.clock.advance(100);
      waiter.socket.getToken({ forceRefresh: true }).catch(() => {});
      await world.clock.advance(100);
      expect([holder, waiter].map(({ log }) => log.turns)).toEqual([1, 1]);
      leave(waiter.world);
      leave(world);
      await world.clock.advance(0);
      expect([holder, waiter].map(({ log }) => log.turns)).toEqual([0, 0]);
      world.tokens.issue();
      await world.clock.advance(2_000);
      const fresh = third.socket.getToken({ forceRefresh: true });
      await world.clock.advance(100);
      await fresh;
      expect(third.world.tokens.calls).toHaveLength(1);
      for (const tab of [holder, waiter]) {
        if (_event === 'freeze') tab.world.page.resume();
        else tab.world.page.pageshow({ persisted: true });
      }
      await world.clock.advance(3_000);
      allOpen([third]);
      for (const { socket } of clients) expect(socket.getStatus()).toMatchObject({ link: 'open' });
      expect(new Set(await Promise.all(clients.map(({ socket }) => socket.getToken()))).size).toBe(1);
      await endAll(clients);
    },
  );

  it('T04 a token call that hangs ends at its deadline and lets the next tab in', async () => {
    const clients = await openTabs(2);
    const [first, second] = clients as [TabClient, TabClient];
    const { world } = first;
    world.tokens.hang();
    first.socket.getToken({ forceRefresh: true }).catch(() => {});
    await world.clock.advance(9_900);
    expect(first.log.turns).toBe(1);
    await world.clock.advance(200);
    expect(first.log.turns).toBe(0);
    world.tokens.issue();
    const fresh = second.socket.getToken({ forceRefresh: true });
    await world.clock.advance(100);
    await fresh;
    await endAll(clients);
  });
});

describe('M05 where locks', () => {
  const world = () => createTestWorld();
  it.each<[string, Lock | null]>([
    ['are missing', null],
    ['throw at once', broken.throwing],
    ['are forbidden', broken.forbidden],
    ['never answer', broken.mute],
    ['are never granted', broken.neverGranted],
  ])('M05 %s, every tab works and calls at most once at a time', async (_what, lock) => {
    const clients = await openTabs(3, {}, world(), { lock });
    await clients[0]!.world.clock.advance(6_000);
    allOpen(clients);
    for (const client of clients) {
      const { socket, world: tab } = client;
      const before = tab.tokens.calls.length;
      const callers = Promise.all(Array.from({ length: 10 }, () => socket.getToken({ forceRefresh: true })));
      await tab.clock.advance(6_000);
      expect(new Set(await callers).size).toBe(1);
      expect(tab.tokens.calls.length - before).toBeLessThanOrEqual(1);
    }
    // A whole life of the token: still shared over the channel, at worst each tab refreshes for itself.
    const before = callsOf(clients);
    await clients[0]!.world.clock.advance(850_000);
    expect(callsOf(clients) - before).toBeGreaterThanOrEqual(1);
    expect(callsOf(clients) - before).toBeLessThanOrEqual(3);
    allOpen(clients);
    for (const { errors, ends } of clients) expect([errors, ends]).toEqual([[], []]);
    await endAll(clients);
  });
});

import { describe, expect, it } from 'vitest';
import { callsOf, clientInTab, endAll, expectAllUp, openTabs, postsOf, type TabClient } from './tabsInWorld';

const minute = 60_000;

describe("tabs: 'signal'", () => {
  it('M01 X03 tells the news without the token: each sibling asks its source once, and that is no news', async () => {
    const clients = await openTabs(5, { tabs: 'signal' });
    const { world } = clients[0]!;
    await world.clock.advance(5_000);
    for (let round = 1; round <= 4; round += 1) {
      const tokens = await Promise.all(clients.map(({ socket }) => socket.getToken()));
      const posts = postsOf(clients, 'renewed').length;
      const before = clients.map(({ world: tab }) => tab.tokens.calls.length);
      await world.clock.advance(13 * minute);
      expectAllUp(clients);
      expect(clients.map(({ world: tab }, n) => tab.tokens.calls.length - before[n]!)).toEqual([
        1, 1, 1, 1, 1,
      ]);
      expect(postsOf(clients, 'renewed')).toHaveLength(posts + 1);
      const reasons = clients.map(({ world: tab }) => tab.tokens.calls.at(-1)!.reason);
      expect(reasons.filter(reason => reason === 'expiring')).toHaveLength(1);
      expect(reasons.filter(reason => reason === 'changed')).toHaveLength(4);
      expect(JSON.stringify(postsOf(clients))).not.toContain(tokens[0]);
    }
    expect(postsOf(clients, 'token')).toEqual([]);
    for (const { world: tab } of clients)
      for (const call of tab.tokens.calls) expect(call.forceRefresh).toBe(false);
    await endAll(clients);
  });

  it('M01 a tab that is opened late counts on, and is heard when it leads', async () => {
    const clients = await openTabs(3, { tabs: 'signal' });
    const { world } = clients[0]!;
    await world.clock.advance(40 * minute);
    for (const { world: tab } of clients) tab.page.hide();
    const late = clientInTab(world.openTab(), { tabs: 'signal' });
    late.socket.connect();
    await world.clock.advance(1_000);
    const all = [...clients, late];
    const before = all.map(({ world: tab }) => tab.tokens.calls.length);
    // Its first token is no news to them.
    expect(late.world.tokens.calls).toMatchObject([{ reason: 'initial' }]);
    expect(postsOf([late], 'renewed')).toEqual([]);
    // It is the visible one, and refreshes as soon as it likes.
    const fresh = late.socket.getToken({ forceRefresh: true });
    await world.clock.advance(1_000);
    await fresh;
    // Hidden ones stand back for a moment.
    await world.clock.advance(2_000);
    expect(all.map(({ world: tab }, n) => tab.tokens.calls.length - before[n]!)).toEqual([1, 1, 1, 1]);
    await endAll(all);
  });

  it('M09 M08 a tab that was away over a refresh learns of it, and asks its source before it dials', async () => {
    const clients = await openTabs(2, { tabs: 'signal' });
    const [here, away] = clients as [TabClient, TabClient];
    const { world } = here;
    const former = await away.socket.getToken();
    away.world.page.pagehide({ persisted: true });
    const fresh = here.socket.getToken({ forceRefresh: true });
    await world.clock.advance(minute);
    await fresh;
    const links = world.server.connections.length;
    away.world.page.pageshow({ persisted: true });
    await world.clock.advance(1_000);
    expect(away.world.tokens.calls.at(-1)).toMatchObject({ reason: 'changed', forceRefresh: false });
    expect(world.server.connections.slice(links).flatMap(({ received }) => received)).not.toContainEqual({
      type: 'auth',
      token: former,
    });
    expect(postsOf(clients, 'token')).toEqual([]);
    expectAllUp(clients);
    await endAll(clients);
  });

  it('M01 a token that the server refuses everywhere is replaced by one forced call', async () => {
    const clients = await openTabs(4, { tabs: 'signal' });
    const { world } = clients[0]!;
    await world.clock.advance(10_000);
    const before = callsOf(clients);
    world.tokens.hang();
    for (const connection of world.server.connections) connection.close(1008, '{"code":"token_revoked"}');
    await world.clock.advance(200);
    world.tokens.issue();
    await world.clock.advance(3_000);
    expectAllUp(clients);
    const calls = clients.flatMap(({ world: tab }) => tab.tokens.calls.slice(-1));
    expect(callsOf(clients) - before).toBe(4);
    expect(calls.filter(({ forceRefresh }) => forceRefresh)).toHaveLength(1);
    await world.clock.advance(minute);
    expect(callsOf(clients) - before).toBe(4);
    await endAll(clients);
  });
});

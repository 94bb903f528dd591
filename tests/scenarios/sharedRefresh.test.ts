import { describe, expect, it } from 'vitest';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { callsOf, clientInTab, endAll, openTabs, tabsOf, voiceOn, type TabClient } from './tabsInWorld';

const minute = 60_000;
const hour = 60 * minute;

const tokensOf = (clients: readonly TabClient[]) =>
  Promise.all(clients.map(({ socket }) => socket.getToken()));

/** Every token that a tab showed to the server, in order. */
const presented = (world: TestWorld) =>
  world.server.connections.flatMap(({ received }) =>
    (received as { token?: string }[]).flatMap(({ token }) => (token === undefined ? [] : [token])),
  );

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

  it('M01 the visible one makes the one call, and the hidden ones take over its token', async () => {
    expect(await sleepers(3)).toEqual([0, 0, 0, 1, 0]);
  });

  it('M01 one of the hidden ones makes it where none is visible', async () => {
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

describe('M08 what a sibling says late', () => {
  const wordOf = (world: TestWorld, generation: number, expiresInMs: number, jti = `of-${generation}`) => {
    const expiresAt = world.clock.now() + expiresInMs;
    const token = unsignedJwt({ sub: 'user-1', exp: expiresAt / 1_000, jti });
    return {
      version: 1,
      type: 'token',
      token,
      generation,
      expiresAt,
      serverExpiresAt: expiresAt,
      subject: 'user-1',
    };
  };

  it.each([
    ['an older one, whatever its expiry', 0, 20 * minute],
    ['a newer one that lives less long', 9, 5 * minute],
    ['another of the same age that lives less long', 1, 5 * minute],
  ])('M08 %s is not taken', async (_what, generation, expiresInMs) => {
    const [client] = (await openTabs(1)) as [TabClient];
    const { world } = client;
    const before = await client.socket.getToken();
    voiceOn(world.openTab(), client).post(wordOf(world, generation, expiresInMs));
    await world.clock.advance(1_000);
    expect(await client.socket.getToken()).toBe(before);
    expect(presented(world)).toEqual([before]);
    await client.end();
  });

  it('M08 a newer token is taken and shown to the server on the open link', async () => {
    const [client] = (await openTabs(1)) as [TabClient];
    const { world } = client;
    await world.clock.advance(10_000);
    const word = wordOf(world, 2, 15 * minute);
    voiceOn(world.openTab(), client).post(word);
    await world.clock.advance(1_000);
    expect(await client.socket.getToken()).toBe(word.token);
    expect(client.socket.getStatus()).toMatchObject({ connection: 1, tokenExpiresAt: word.expiresAt });
    expect(world.tokens.calls).toHaveLength(1);
    await client.end();
  });

  it('M08 a token older than the one that was refused is not tried in its place', async () => {
    const [client] = (await openTabs(1)) as [TabClient];
    const { world } = client;
    client.socket.getToken({ forceRefresh: true }).catch(() => {});
    await world.clock.advance(10_000);
    const old = wordOf(world, 1, 15 * minute);
    world.tokens.hang();
    world.server.last.close(1008, '{"code":"token_revoked"}');
    await world.clock.advance(200);
    voiceOn(world.openTab(), client).post(old);
    await world.clock.advance(200);
    world.tokens.issue();
    await world.clock.advance(1_000);
    expect(presented(world)).not.toContain(old.token);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 2 });
    await client.end();
  });

  it('M08 the very token that was refused does not come back through a sibling', async () => {
    const clients = await openTabs(2);
    const [first] = clients as [TabClient, TabClient];
    const { world } = first;
    await world.clock.advance(10_000);
    const token = await first.socket.getToken();
    world.tokens.hang();
    world.server.connections[0]!.close(1008, '{"code":"token_revoked"}');
    await world.clock.advance(200);
    // A tab that is opened now asks, and what the second answers all can hear.
    const third = clientInTab(world.openTab(), { url: '/third' });
    third.socket.connect();
    await world.clock.advance(8_000);
    expect(await third.socket.getToken()).toBe(token);
    expect(first.socket.getStatus().link).not.toBe('open');
    expect(presented(world).filter(other => other === token)).toHaveLength(3);
    world.tokens.issue();
    await world.clock.advance(2_000);
    expect(first.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 2 });
    await endAll([...clients, third]);
  });

  it('M08 an answer that was overtaken by a sibling\u2019s longer-lived token does not replace it', async () => {
    const [client] = (await openTabs(1)) as [TabClient];
    const { world } = client;
    await world.clock.advance(10_000);
    const mine = wordOf(world, 0, 15 * minute, 'mine').token;
    world.tokens.hang();
    const fresh = client.socket.getToken({ forceRefresh: true });
    await world.clock.advance(4_000);
    const word = wordOf(world, 2, 16 * minute);
    voiceOn(world.openTab(), client).post(word);
    await world.clock.advance(100);
    expect(await fresh).toBe(word.token);
    world.tokens.answer(mine);
    await world.clock.advance(1_000);
    expect(await client.socket.getToken()).toBe(word.token);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', tokenExpiresAt: word.expiresAt });
    expect(presented(world)).not.toContain(mine);
    await client.end();
  });

  it('M08 a denial that was overtaken by a sibling\u2019s token ends nothing', async () => {
    const [client] = (await openTabs(1)) as [TabClient];
    const { world } = client;
    await world.clock.advance(10_000);
    world.tokens.hang();
    client.socket.getToken({ forceRefresh: true }).catch(() => {});
    await world.clock.advance(4_000);
    voiceOn(world.openTab(), client).post(wordOf(world, 2, 15 * minute));
    await world.clock.advance(100);
    world.tokens.revoke();
    await world.clock.advance(1_000);
    expect(client.ends).toEqual([]);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    await client.end();
  });

  it('M08 a tab that was frozen over three refreshes shows the server the newest token only', async () => {
    const clients = await openTabs(3);
    const [frozen, ...others] = clients as [TabClient, ...TabClient[]];
    const { world } = frozen;
    const before = presented(world);
    frozen.world.page.hide();
    frozen.world.page.freeze();
    await world.clock.advance(40 * minute);
    expect(callsOf(others)).toBe(3);
    const calls = callsOf(clients);
    const shown = world.server.connections.length;
    frozen.world.page.resume();
    await world.clock.advance(2_000);
    expect(callsOf(clients)).toBe(calls);
    const [link] = world.server.connections.slice(shown);
    const newest = await others[0]!.socket.getToken();
    expect(link!.received).toEqual([{ type: 'auth', token: newest }]);
    expect(before).not.toContain(newest);
    expect(frozen.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    await endAll(clients);
  });

  it('M08 forty tokens that are not taken push none out that is in use', async () => {
    const [client] = (await openTabs(1)) as [TabClient];
    const { world } = client;
    const before = await client.socket.getToken();
    const voice = voiceOn(world.openTab(), client);
    for (let n = 0; n < 40; n += 1) voice.post(wordOf(world, 0, minute, `spam-${n}`));
    await world.clock.advance(1_000);
    expect(await client.socket.getToken()).toBe(before);
    world.server.last.drop();
    await world.clock.advance(5_000);
    expect(presented(world)).toEqual([before, before]);
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

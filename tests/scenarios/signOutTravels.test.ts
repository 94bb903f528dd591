import { describe, expect, it } from 'vitest';
import { signedOut } from '../../src/core';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { callsOf, clientInTab, endAll, openTabs, voiceOn, type TabClient } from './tabsInWorld';

const isOut = { session: 'signed-out', link: 'stopped', stopReason: 'signed-out' };
const isUp = { session: 'valid', link: 'open' };

const statusOf = (clients: readonly TabClient[]) => clients.map(({ socket }) => socket.getStatus());

const said = (world: TestWorld) => world.server.connections.flatMap(({ received }) => received);

describe('a sign-out', () => {
  it.each([2, 5])(
    'S3-D M09 in one of %i tabs reaches the others within a second: once each, with reason and by, and no way back',
    async count => {
      const clients = await openTabs(count);
      const [first, ...others] = clients as [TabClient, ...TabClient[]];
      const { world } = first;
      const elsewhere = clientInTab(createTestWorld());
      await elsewhere.open();
      await first.socket.signOut({ reason: 'bye' });
      await world.clock.advance(1_000);
      expect(clients.map(({ ends }) => ends)).toEqual([
        [{ by: 'this-tab', reason: 'bye', at: expect.any(Number) }],
        ...others.map(() => [{ by: 'other-tab', reason: 'bye', at: expect.any(Number) }]),
      ]);
      for (const status of statusOf(clients)) expect(status).toMatchObject(isOut);
      for (const client of clients) {
        expect(client.world.openSockets).toBe(0);
        await expect(client.socket.getToken()).rejects.toMatchObject({ code: 'signed-out' });
      }
      const before = [callsOf(clients), world.server.dials.length];
      for (const { world: tab } of clients) tab.page.focus();
      await world.clock.advance(600_000);
      expect([callsOf(clients), world.server.dials.length]).toEqual(before);
      expect(world.server.connections.map(({ closed }) => closed?.code)).toEqual(clients.map(() => 1000));
      for (const { ends } of clients) expect(ends).toHaveLength(1);
      expect(elsewhere.socket.getStatus()).toMatchObject(isUp);
      expect(elsewhere.ends).toEqual([]);
      await endAll([...clients, elsewhere]);
    },
  );

  it('M09 that the token source speaks reaches the other tabs as well', async () => {
    const clients = await openTabs(3);
    const [first, ...others] = clients as [TabClient, ...TabClient[]];
    first.world.tokens.answer(signedOut('account closed'));
    first.socket.getToken({ forceRefresh: true }).catch(() => {});
    await first.world.clock.advance(1_000);
    expect(first.ends).toMatchObject([{ by: 'token-source', reason: 'account closed' }]);
    for (const { ends } of others)
      expect(ends).toMatchObject([{ by: 'other-tab', reason: 'account closed' }]);
    expect(callsOf(others)).toBe(0);
    await endAll(clients);
  });

  it('M09 reaches a frozen tab as it resumes, before any dial', async () => {
    const [first, frozen] = (await openTabs(2)) as [TabClient, TabClient];
    const { world } = first;
    frozen.world.page.hide();
    frozen.world.page.freeze();
    await world.clock.advance(10_000);
    await first.socket.signOut();
    await world.clock.advance(60_000);
    const dials = world.server.dials.length;
    frozen.world.page.resume();
    await world.clock.advance(60_000);
    expect(frozen.socket.getStatus()).toMatchObject(isOut);
    expect(frozen.ends).toMatchObject([{ by: 'other-tab' }]);
    expect(world.server.dials).toHaveLength(dials);
    expect(frozen.world.tokens.calls).toEqual([]);
    await endAll([first, frozen]);
  });

  it('M09 is learned by asking where a tab was off the channel, in the back/forward cache', async () => {
    const [first, stored] = (await openTabs(2)) as [TabClient, TabClient];
    const { world } = first;
    stored.world.page.pagehide({ persisted: true });
    await world.clock.advance(1_000);
    expect(stored.log.channels).toBe(0);
    await first.socket.signOut({ reason: 'bye' });
    await world.clock.advance(60_000);
    const dials = world.server.dials.length;
    stored.world.page.pageshow({ persisted: true });
    await world.clock.advance(60_000);
    expect(stored.socket.getStatus()).toMatchObject(isOut);
    expect(stored.ends).toMatchObject([{ by: 'other-tab', reason: 'bye' }]);
    expect(world.server.dials).toHaveLength(dials);
    await endAll([first, stored]);
  });

  it('M09 is learned by asking where a client was disconnected meanwhile, before it dials with the token it kept', async () => {
    const [first, away] = (await openTabs(2)) as [TabClient, TabClient];
    const { world } = first;
    away.socket.disconnect();
    await world.clock.advance(1_000);
    expect(away.log.channels).toBe(0);
    await first.socket.signOut({ reason: 'bye' });
    await world.clock.advance(60_000);
    const dials = world.server.dials.length;
    away.socket.connect();
    await world.clock.advance(10_000);
    expect(away.socket.getStatus()).toMatchObject(isOut);
    expect(away.ends).toMatchObject([{ by: 'other-tab', reason: 'bye' }]);
    expect(world.server.dials).toHaveLength(dials);
    await endAll([first, away]);
  });

  it('M09 of a client that is not connected is told as well', async () => {
    const [first, second] = (await openTabs(2)) as [TabClient, TabClient];
    first.socket.disconnect();
    await first.world.clock.advance(1_000);
    await first.socket.signOut({ reason: 'bye' });
    await first.world.clock.advance(1_000);
    expect(second.ends).toMatchObject([{ by: 'other-tab', reason: 'bye' }]);
    expect(first.log.channels).toBe(0);
    await endAll([first, second]);
  });

  it('M09 K03 is heard after the clock was set back behind the beginning of the session', async () => {
    const [first, second] = (await openTabs(2)) as [TabClient, TabClient];
    const { world } = first;
    await world.clock.advance(60_000);
    world.clock.skew(-3_600_000);
    await world.clock.advance(60_000);
    await first.socket.signOut();
    await world.clock.advance(1_000);
    expect(second.socket.getStatus()).toMatchObject(isOut);
    await endAll([first, second]);
  });

  it('M09 from before a tab signed in again is about the former session', async () => {
    const [first, second] = (await openTabs(2)) as [TabClient, TabClient];
    const { world } = first;
    await first.socket.signOut();
    const at = world.clock.now();
    await world.clock.advance(1_000);
    second.socket.retrySession();
    await world.clock.advance(1_000);
    expect(second.socket.getStatus()).toMatchObject(isUp);
    const voice = voiceOn(world.openTab(), second);
    voice.post({ version: 1, type: 'signed-out', reason: 'late', at });
    await world.clock.advance(1_000);
    expect(second.socket.getStatus()).toMatchObject(isUp);
    // Nor does a tab that is opened now hear of it from the one that is still out.
    const third = clientInTab(world.openTab());
    await third.open();
    expect(third.ends).toEqual([]);
    await endAll([first, second, third]);
  });

  it('M09 in two tabs at once ends each of them once', async () => {
    const clients = await openTabs(3);
    const [first, second] = clients as [TabClient, TabClient, TabClient];
    const slow = (ms: number) => ({
      before: () => new Promise<void>(done => void first.world.platform.clock.setTimer(done, ms)),
    });
    const both = Promise.all([first.socket.signOut(slow(300)), second.socket.signOut(slow(500))]);
    await first.world.clock.advance(2_000);
    await both;
    for (const { ends } of clients) expect(ends).toHaveLength(1);
    for (const status of statusOf(clients)) expect(status).toMatchObject(isOut);
    await endAll(clients);
  });
});

describe('a token call that is under way at the sign-out', () => {
  it('M09 X10 brings nothing back, here or in a sibling, and gives its turn up', async () => {
    const clients = await openTabs(3);
    const [first, second] = clients as [TabClient, TabClient, TabClient];
    const { world } = first;
    world.tokens.hang();
    const calls = [first, second].map(({ socket }) => socket.getToken({ forceRefresh: true }));
    const failed = Promise.allSettled(calls);
    await world.clock.advance(500);
    expect(first.log.turns + second.log.turns).toBe(2);
    await first.socket.signOut();
    await world.clock.advance(100);
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(clients.map(({ log }) => log.turns)).toEqual([0, 0, 0]);
    const posts = clients.flatMap(({ log }) => log.posts).length;
    world.tokens.issue();
    await world.clock.advance(60_000);
    for (const status of statusOf(clients)) expect(status).toMatchObject({ ...isOut, tokenExpiresAt: null });
    expect(clients.flatMap(({ log }) => log.posts).slice(posts)).toEqual([]);
    await endAll(clients);
  });
});

describe('S3-D signing in as somebody else', () => {
  it('S3-D M10 X10 nothing of the former user is used again: no token, no queue, no socket', async () => {
    const clients = await openTabs(3);
    const [first, ...others] = clients as [TabClient, ...TabClient[]];
    const { world } = first;
    const former = await first.socket.getToken();
    const links = world.server.connections.length;
    world.server.refuse();
    world.server.connections[0]!.drop();
    await world.clock.advance(1_000);
    first.socket.send({ type: 'from ada' });
    await first.socket.signOut();
    await world.clock.advance(1_000);
    expect(first.drops).toMatchObject([{ why: 'signed-out' }]);
    world.server.accept();
    const exp = world.clock.now() / 1_000 + 900;
    const next = unsignedJwt({ sub: 'bob', exp });
    world.tokens.answer(next);
    first.socket.setSessionKey('bob');
    first.socket.send({ type: 'from bob' });
    await world.clock.advance(2_000);
    expect(first.socket.getStatus()).toMatchObject(isUp);
    expect(await first.socket.getToken()).toBe(next);
    const sent = world.server.connections.slice(links).flatMap(({ received }) => received);
    expect(sent).toEqual([{ type: 'auth', token: next }, { type: 'from bob' }]);
    // The other tabs stay where they are: signed out, on the channel of the former user.
    for (const status of statusOf(others)) expect(status).toMatchObject(isOut);
    expect(others.flatMap(({ ends }) => ends)).toHaveLength(2);
    expect(JSON.stringify(first.log.posts.slice(-2))).not.toContain(former);
    expect(first.log.joins.at(-1)).not.toBe(others[0]!.log.joins.at(-1));
    await endAll(clients);
  });

  it('S3-D M10 while the others stay as they are: two users in two tabs know nothing of each other', async () => {
    const world = createTestWorld();
    const [first, second] = (await openTabs(2, {}, world)) as [TabClient, TabClient];
    const token = await second.socket.getToken();
    const exp = world.clock.now() / 1_000 + 900;
    world.tokens.answer(unsignedJwt({ sub: 'bob', exp }));
    first.socket.setSessionKey('bob');
    await world.clock.advance(2_000);
    world.tokens.issue();
    expect(first.socket.getStatus()).toMatchObject(isUp);
    expect(await second.socket.getToken()).toBe(token);
    await first.socket.signOut();
    await world.clock.advance(2_000);
    expect(second.socket.getStatus()).toMatchObject({ ...isUp, connection: 1 });
    expect(second.ends).toEqual([]);
    expect(said(world).filter(frame => (frame as { type: string }).type === 'auth_refresh')).toEqual([]);
    await endAll([first, second]);
  });

  it('M10 a token of another subject on the channel of this key is not taken', async () => {
    const [client] = (await openTabs(1)) as [TabClient];
    const { world } = client;
    const before = await client.socket.getToken();
    const expiresAt = world.clock.now() + 1_800_000;
    const token = unsignedJwt({ sub: 'mallory', exp: expiresAt / 1_000 });
    voiceOn(world.openTab(), client).post({
      version: 1,
      type: 'token',
      token,
      generation: 7,
      expiresAt,
      serverExpiresAt: expiresAt,
      subject: 'mallory',
    });
    await world.clock.advance(1_000);
    expect(await client.socket.getToken()).toBe(before);
    expect(JSON.stringify(said(world))).not.toContain(token);
    await client.end();
  });
});

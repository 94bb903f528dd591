import { describe, expect, it } from 'vitest';
import { createAuthSocket, signedIn, signedOut, type AuthSocketOptions } from '../../src/core';
import { cookie, jsonProtocol } from '../../src/protocols';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { clientInWorld, type ClientInWorld } from './clientInWorld';
import { openTabs, type TabClient } from './tabsInWorld';

type Options = Partial<AuthSocketOptions<unknown, unknown>>;

const isUp = { session: 'valid', link: 'open' };
const isOut = { session: 'signed-out', link: 'stopped', stopReason: 'signed-out' };

/** Two sockets of one session on one page: the second has the first as its source. */
function pair(first: Options = {}, second: Options = {}, world: TestWorld = createTestWorld()) {
  const owner = clientInWorld({ url: '/chat', ...first }, world);
  const guest = clientInWorld({ url: '/feed', getToken: owner.socket, ...second }, world);
  return { world, owner, guest, both: [owner, guest] };
}

async function openPair(first: Options = {}, second: Options = {}) {
  const clients = pair(first, second);
  for (const { socket } of clients.both) socket.connect();
  await clients.world.clock.advance(6_000);
  for (const { socket } of clients.both) expect(socket.getStatus()).toMatchObject(isUp);
  return clients;
}

const linksTo = (world: TestWorld, path: string) =>
  world.server.connections.filter(({ url }) => new URL(url).pathname === path);

const shownOn = (world: TestWorld, path: string) =>
  linksTo(world, path).flatMap(({ received }) =>
    (received as { token?: string }[]).flatMap(({ token }) => token ?? []),
  );

async function endBoth(clients: readonly ClientInWorld[]) {
  for (const { socket } of clients) socket.destroy();
  for (const client of clients) await client.end();
}

describe('two sockets of one session', () => {
  it('P1e cost one source call, and show one token with one expiry', async () => {
    const { world, owner, guest, both } = await openPair();
    expect(world.tokens.calls).toHaveLength(1);
    expect(await guest.socket.getToken()).toBe(await owner.socket.getToken());
    const expiries = both.map(({ socket }) => socket.getStatus().tokenExpiresAt);
    expect(expiries[0]).toBe(expiries[1]);
    expect(shownOn(world, '/chat')).toEqual(shownOn(world, '/feed'));
    await endBoth(both);
  });

  it('agree on the expiry however long the source took', async () => {
    const world = createTestWorld();
    const slow: Options = {
      getToken: async () => {
        await new Promise<void>(done => void world.platform.clock.setTimer(done, 1_500));
        return { token: 'opaque', expiresInMs: 600_000 };
      },
    };
    const { both } = pair(
      { ...slow, url: undefined as never },
      { protocol: jsonProtocol({ carrier: cookie() }) },
      world,
    );
    for (const { socket } of both) socket.connect();
    await world.clock.advance(5_000);
    const expiries = both.map(({ socket }) => socket.getStatus().tokenExpiresAt);
    expect(expiries[0]).not.toBeNull();
    expect(expiries[1]).toBe(expiries[0]);
    await endBoth(both);
  });

  it('refresh once for both, in both links, whoever is due first', async () => {
    const { world, owner, guest, both } = await openPair();
    for (let round = 2; round <= 8; round += 1) {
      await world.clock.advance(13 * 60_000);
      expect(world.tokens.calls).toHaveLength(round);
      expect(await guest.socket.getToken()).toBe(await owner.socket.getToken());
    }
    for (const { socket } of both) expect(socket.getStatus()).toMatchObject({ ...isUp, connection: 1 });
    expect(shownOn(world, '/chat')).toEqual(shownOn(world, '/feed'));
    await endBoth(both);
  });

  it('A03 a token that the server of the second refuses is refreshed once, by force, for both', async () => {
    const { world, both } = await openPair();
    linksTo(world, '/feed')[0]!.close(1008, '{"code":"token_revoked"}');
    await world.clock.advance(3_000);
    expect(world.tokens.calls.map(({ forceRefresh }) => forceRefresh)).toEqual([false, true]);
    for (const { socket } of both) expect(socket.getStatus()).toMatchObject(isUp);
    expect(shownOn(world, '/feed')).toEqual(shownOn(world, '/chat'));
    expect(linksTo(world, '/chat')).toHaveLength(1);
    expect(linksTo(world, '/feed')).toHaveLength(2);
    await endBoth(both);
  });

  it('a token that both servers refuse at once is refreshed once', async () => {
    const { world, both } = await openPair();
    for (const connection of world.server.connections) connection.close(1008, '{"code":"token_revoked"}');
    await world.clock.advance(3_000);
    expect(world.tokens.calls).toHaveLength(2);
    for (const { socket } of both) expect(socket.getStatus()).toMatchObject({ ...isUp, connection: 2 });
    await endBoth(both);
  });

  it('a second socket that asks for a newer token than its own gets the one that the first has already', async () => {
    const { world, owner, guest, both } = await openPair();
    const former = await guest.socket.getToken();
    guest.socket.disconnect();
    const fresh = owner.socket.getToken({ forceRefresh: true });
    await world.clock.advance(1_000);
    const asked = guest.socket.getToken({ forceRefresh: true });
    await world.clock.advance(1_000);
    expect(await asked).toBe(await fresh);
    expect(await asked).not.toBe(former);
    expect(world.tokens.calls).toHaveLength(2);
    await endBoth(both);
  });

  it('a refresh that fails shows in neither, and the token in hand stays in use in both', async () => {
    const { world, both } = await openPair();
    const before = await both[0]!.socket.getToken();
    world.tokens.fail(3);
    await world.clock.advance(13 * 60_000);
    expect(await both[1]!.socket.getToken()).not.toBe(before);
    for (const { trace } of both)
      expect(trace.filter(event => event.type === 'session.changed' && event.to === 'stale')).toEqual([]);
    for (const { socket } of both) expect(socket.getStatus()).toMatchObject({ ...isUp, connection: 1 });
    await endBoth(both);
  });
});

describe('the end of a session that two sockets share', () => {
  it.each([
    ['the first', 0],
    ['the second', 1],
  ])('signOut() of %s ends both, once each, after one logout call with the token', async (_which, n) => {
    const { world, both } = await openPair();
    const token = await both[n]!.socket.getToken();
    const given: (string | null)[] = [];
    const before = (last: string | null) => {
      given.push(last);
      return Promise.resolve();
    };
    await both[n]!.socket.signOut({ reason: 'bye', before });
    await world.clock.advance(1_000);
    expect(given).toEqual([token]);
    for (const { socket, ends } of both) {
      expect(socket.getStatus()).toMatchObject(isOut);
      expect(ends).toEqual([{ reason: 'bye', by: 'this-tab', at: expect.any(Number) }]);
    }
    expect(world.openSockets).toBe(0);
    await world.clock.advance(600_000);
    expect(world.tokens.calls).toHaveLength(1);
    await endBoth(both);
  });

  it('the source\u2019s own word ends both, once each', async () => {
    const { world, owner, both } = await openPair();
    world.tokens.answer(signedOut('account closed'));
    owner.socket.getToken({ forceRefresh: true }).catch(() => {});
    await world.clock.advance(1_000);
    for (const { socket, ends } of both) {
      expect(socket.getStatus()).toMatchObject(isOut);
      expect(ends).toMatchObject([{ reason: 'account closed', by: 'token-source' }]);
    }
    await endBoth(both);
  });

  it('M09 a sign-out in another tab ends both', async () => {
    const [here, there] = (await openTabs(2)) as [TabClient, TabClient];
    const guest = clientInWorld({ url: '/feed', getToken: here.socket }, here.world);
    await guest.open();
    await there.socket.signOut({ reason: 'bye' });
    await here.world.clock.advance(1_000);
    for (const { ends } of [here, guest]) expect(ends).toMatchObject([{ reason: 'bye', by: 'other-tab' }]);
    expect(here.world.openSockets).toBe(0);
    await endBoth([guest, here, there]);
  });

  it.each([
    ['the first', 0],
    ['the second', 1],
  ])('retrySession() of %s brings both back', async (_which, n) => {
    const { world, both } = await openPair();
    await both[1 - n]!.socket.signOut();
    await world.clock.advance(1_000);
    both[n]!.socket.retrySession();
    await world.clock.advance(2_000);
    for (const { socket, ends } of both) {
      expect(socket.getStatus()).toMatchObject({ ...isUp, connection: 2 });
      expect(ends).toHaveLength(1);
    }
    expect(world.tokens.calls).toHaveLength(2);
    expect(await both[0]!.socket.getToken()).toBe(await both[1]!.socket.getToken());
    await endBoth(both);
  });

  it('is noticed by a second socket that was disconnected meanwhile, before it dials', async () => {
    const { world, owner, guest, both } = await openPair();
    guest.socket.disconnect();
    await owner.socket.signOut({ reason: 'bye' });
    await world.clock.advance(1_000);
    const dials = world.server.dials.length;
    guest.socket.connect();
    await world.clock.advance(10_000);
    expect(guest.socket.getStatus()).toMatchObject(isOut);
    expect(guest.ends).toMatchObject([{ reason: 'bye' }]);
    expect(world.server.dials).toHaveLength(dials);
    await endBoth(both);
  });
});

describe('another user on two sockets', () => {
  const switchUser = (world: TestWorld, { socket }: ClientInWorld) => {
    const exp = world.clock.now() / 1_000 + 900;
    const token = unsignedJwt({ sub: 'bob', exp });
    world.tokens.answer(token);
    socket.setSessionKey('bob');
    return token;
  };

  it('R08 T19 what the second held of the former goes: token, queue and socket', async () => {
    const { world, owner, guest, both } = await openPair({ sessionKey: 'ada' });
    world.server.refuse();
    linksTo(world, '/feed')[0]!.drop();
    await world.clock.advance(0);
    guest.socket.send({ type: 'from ada' });
    const token = switchUser(world, owner);
    world.server.accept();
    await world.clock.advance(5_000);
    expect(guest.drops).toMatchObject([{ message: { type: 'from ada' }, why: 'user-changed' }]);
    for (const { socket, ends } of both) {
      expect(socket.getStatus()).toMatchObject(isUp);
      expect(await socket.getToken()).toBe(token);
      expect(ends).toEqual([]);
    }
    expect(shownOn(world, '/feed').slice(1)).toEqual([token]);
    expect(world.tokens.calls).toHaveLength(2);
    await endBoth(both);
  });

  it('R08 a second socket that was disconnected meanwhile comes back as the new user, and dials with no other token', async () => {
    const { world, owner, guest, both } = await openPair({ sessionKey: 'ada' });
    guest.socket.disconnect();
    const token = switchUser(world, owner);
    await world.clock.advance(2_000);
    const before = shownOn(world, '/feed').length;
    guest.socket.connect();
    await world.clock.advance(2_000);
    expect(guest.socket.getStatus()).toMatchObject(isUp);
    expect(await guest.socket.getToken()).toBe(token);
    expect(shownOn(world, '/feed').slice(before)).toEqual([token]);
    await endBoth(both);
  });

  it('nobody is signed in: neither socket is up, nobody is told, and a new user brings both back', async () => {
    const { world, owner, both } = await openPair({ sessionKey: 'ada' });
    owner.socket.setSessionKey(null);
    await world.clock.advance(2_000);
    for (const { socket, ends } of both) {
      expect(socket.getStatus()).toMatchObject({ session: 'signed-out' });
      expect(ends).toEqual([]);
    }
    expect(world.openSockets).toBe(0);
    const token = switchUser(world, owner);
    await world.clock.advance(2_000);
    for (const { socket } of both) {
      expect(socket.getStatus()).toMatchObject(isUp);
      expect(await socket.getToken()).toBe(token);
    }
    await endBoth(both);
  });
});

describe('a first socket that cannot help', () => {
  it('destroyed, it leaves the second with its token, then stale, and never signed out', async () => {
    const { world, owner, guest } = await openPair();
    owner.socket.destroy();
    await world.clock.advance(60_000);
    expect(guest.socket.getStatus()).toMatchObject(isUp);
    await expect(guest.socket.getToken({ forceRefresh: true })).resolves.toEqual(expect.any(String));
    await world.clock.advance(15 * 60_000);
    expect(guest.socket.getStatus().session).toBe('stale');
    const failed = guest.socket.getToken();
    failed.catch(() => {});
    await world.clock.advance(1_000);
    await expect(failed).rejects.toMatchObject({ code: 'unavailable' });
    expect(guest.ends).toEqual([]);
    await endBoth([guest, owner]);
  });

  it('never connected, it is asked all the same', async () => {
    const { world, guest, both } = pair();
    guest.socket.connect();
    await world.clock.advance(2_000);
    expect(guest.socket.getStatus()).toMatchObject(isUp);
    expect(world.tokens.calls).toHaveLength(1);
    await endBoth(both);
  });
});

describe('two sockets of a cookie session', () => {
  it('open and close together, with one source call each time it matters', async () => {
    let calls = 0;
    const protocol = jsonProtocol({ carrier: cookie() });
    const getToken: AuthSocketOptions['getToken'] = () => {
      calls += 1;
      return signedIn();
    };
    const { world, owner, guest, both } = await openPair({ getToken, protocol }, { protocol });
    expect(calls).toBeLessThanOrEqual(2);
    await expect(guest.socket.getToken()).rejects.toMatchObject({ code: 'no-token' });
    await owner.socket.signOut({ reason: 'bye' });
    await world.clock.advance(1_000);
    for (const { socket, ends } of both) {
      expect(socket.getStatus()).toMatchObject(isOut);
      expect(ends).toHaveLength(1);
    }
    await endBoth(both);
  });
});

describe('X03 the second socket', () => {
  it('X03 says nothing on any channel and asks for no lock: the first does', async () => {
    const [here] = (await openTabs(1)) as [TabClient];
    const { platform } = here.world;
    const joins: string[] = [];
    const guest = createAuthSocket({
      url: '/feed',
      sessionKey: 'ada',
      getToken: here.socket,
      platform: {
        ...platform,
        tabs: { join: (name, onMessage) => (joins.push(name), platform.tabs!.join(name, onMessage)) },
        lock: {
          request() {
            throw new Error('not asked for');
          },
        },
      },
    });
    guest.connect();
    await here.world.clock.advance(900_000);
    expect(guest.getStatus()).toMatchObject(isUp);
    expect(joins).toEqual([]);
    guest.destroy();
    await here.end();
  });
});

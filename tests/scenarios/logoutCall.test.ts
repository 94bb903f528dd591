import { describe, expect, it } from 'vitest';
import { callsOf, endAll, openTabs, voiceOn, type TabClient } from './tabsInWorld';

const isOut = { session: 'signed-out', link: 'stopped', stopReason: 'signed-out' };
const isUp = { session: 'valid', link: 'open' };

const statusOf = (clients: readonly TabClient[]) => clients.map(({ socket }) => socket.getStatus());

describe('a sign-out with a logout call before it', () => {
  /** A logout endpoint that revokes everything at once and answers later. */
  const logOut = (clients: readonly TabClient[], answersAfterMs: number) => {
    const { world } = clients[0]!;
    const tokens: (string | null)[] = [];
    return {
      tokens,
      before: (token: string | null) => {
        tokens.push(token);
        world.platform.clock.setTimer(() => {
          world.tokens.revoke();
          for (const connection of world.server.connections)
            connection.close(1008, '{"code":"session_revoked"}');
        }, 20);
        return new Promise<void>(done => void world.platform.clock.setTimer(done, answersAfterMs));
      },
    };
  };

  it('M09 S3-D hands over the last token; what the server says meanwhile is no expiry in any tab', async () => {
    const clients = await openTabs(4);
    const [first, ...others] = clients as [TabClient, ...TabClient[]];
    const { world } = first;
    const last = await first.socket.getToken();
    const { before, tokens } = logOut(clients, 3_000);
    const done = first.socket.signOut({ reason: 'bye', before });
    await world.clock.advance(2_900);
    expect(tokens).toEqual([last]);
    for (const { ends } of clients) expect(ends).toEqual([]);
    for (const { session } of statusOf(clients)) expect(session).not.toBe('signed-out');
    expect(callsOf(clients)).toBe(1);
    await world.clock.advance(200);
    await done;
    expect(first.ends).toMatchObject([{ by: 'this-tab', reason: 'bye' }]);
    for (const { ends } of others) expect(ends).toMatchObject([{ by: 'other-tab', reason: 'bye' }]);
    await world.clock.advance(60_000);
    expect(callsOf(clients)).toBe(1);
    for (const status of statusOf(clients)) expect(status).toMatchObject(isOut);
    await endAll(clients);
  });

  it('M09 a token call of a sibling that is denied meanwhile is no expiry either', async () => {
    const clients = await openTabs(2);
    const [first, second] = clients as [TabClient, TabClient];
    const { world } = first;
    world.tokens.hang();
    second.socket.getToken({ forceRefresh: true }).catch(() => {});
    await world.clock.advance(100);
    const { before } = logOut(clients, 1_000);
    const done = first.socket.signOut({ reason: 'bye', before });
    await world.clock.advance(1_100);
    await done;
    expect(second.ends).toMatchObject([{ by: 'other-tab', reason: 'bye' }]);
    expect(first.ends).toMatchObject([{ by: 'this-tab', reason: 'bye' }]);
    await endAll(clients);
  });

  it('M09 M02 a tab that dies in the middle of it holds the others up for 7 s and signs nobody out', async () => {
    const clients = await openTabs(3);
    const [first, ...others] = clients as [TabClient, ...TabClient[]];
    const { world } = first;
    void first.socket.signOut({ before: () => new Promise(() => {}) });
    await world.clock.advance(500);
    world.dispose();
    // One of them had just lost its link, another loses it now.
    for (const connection of world.server.connections) connection.drop();
    await world.clock.advance(6_000);
    for (const { link } of statusOf(others)) expect(link).not.toBe('open');
    await world.clock.advance(2_500);
    for (const status of statusOf(others)) expect(status).toMatchObject(isUp);
    for (const { ends } of clients) expect(ends).toEqual([]);
    await endAll(others);
  });

  it('M09 a link that becomes ready meanwhile in a sibling stays, if the leaving tab dies', async () => {
    const [first, second] = (await openTabs(2)) as [TabClient, TabClient];
    const { world } = first;
    world.server.hang();
    second.socket.reconnect();
    await world.clock.advance(1_000);
    void first.socket.signOut({ before: () => new Promise(() => {}) });
    await world.clock.advance(500);
    world.dispose();
    world.server.accept();
    await world.clock.advance(10_000);
    expect(second.socket.getStatus()).toMatchObject({ ...isUp, connection: 2 });
    await second.end();
  });

  it('M09 a frozen tab that resumes in the middle of it dials when the leaving tab has died', async () => {
    const [first, frozen] = (await openTabs(2)) as [TabClient, TabClient];
    const { world } = first;
    frozen.world.page.freeze();
    // Chromium hands messages over to frozen pages at once.
    const word = { version: 1, type: 'leaving', at: world.clock.now() };
    const voice = voiceOn(world.openTab(), first);
    frozen.world.page.resume();
    voice.post(word);
    await world.clock.advance(50);
    frozen.world.page.freeze();
    await world.clock.advance(1_000);
    frozen.world.page.resume();
    await world.clock.advance(5_000);
    expect(frozen.socket.getStatus().link).not.toBe('open');
    await world.clock.advance(5_000);
    expect(statusOf([first, frozen])).toMatchObject([isUp, isUp]);
    await endAll([first, frozen]);
  });

  it('Z03 a client that is put down meanwhile keeps no timer for it', async () => {
    const [first, second] = (await openTabs(2)) as [TabClient, TabClient];
    void first.socket.signOut({ before: () => new Promise(() => {}) });
    await first.world.clock.advance(100);
    second.socket.disconnect();
    await first.world.clock.advance(100);
    expect(second.isGone).toBe(true);
    await first.world.clock.advance(10_000);
    second.socket.connect();
    await first.world.clock.advance(1_000);
    expect(second.socket.getStatus()).toMatchObject(isOut);
    await endAll([first, second]);
  });
});

import { describe, expect, it } from 'vitest';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { callsOf, clientInTab, endAll, openTabs, voiceOn, type TabClient } from './tabsInWorld';

const minute = 60_000;

/** Every token that a tab showed to the server, in order. */
const presented = (world: TestWorld) =>
  world.server.connections.flatMap(({ received }) =>
    (received as { token?: string }[]).flatMap(({ token }) => (token === undefined ? [] : [token])),
  );

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

  it('M08 one that has expired is taken by nobody, not even by a tab that has none', async () => {
    const world = createTestWorld();
    world.tokens.hang();
    const client = clientInTab(world);
    client.socket.connect();
    let isAnswered = false;
    const asked = client.socket.getToken();
    const note = () => {
      isAnswered = true;
    };
    asked.then(note, note);
    await world.clock.advance(1_000);
    voiceOn(world.openTab(), client).post(wordOf(world, 9, -1));
    await world.clock.advance(1_000);
    expect(isAnswered).toBe(false);
    world.tokens.issue();
    await world.clock.advance(1_000);
    expect(presented(world)).toEqual([await asked]);
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

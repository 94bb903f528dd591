import { expect, it } from 'vitest';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { endAll, openTabs, voiceOn, type TabClient } from './tabsInWorld';

/** What tabs in a real browser showed: the order of its events, and how little two times differ. */

/** A page that is restored from the back/forward cache, as Chromium tells it. */
async function storeAndRestore({ world }: TabClient, meanwhile: () => Promise<unknown>): Promise<void> {
  world.page.pagehide({ persisted: true });
  world.page.freeze();
  await meanwhile();
  world.page.resume();
  await world.clock.advance(2);
  world.page.pageshow({ persisted: true });
  await world.clock.advance(1_000);
}

it('M09 a page whose resume comes ahead of its pageshow asks its siblings then, and learns of a sign-out before it dials', async () => {
  const clients = (await openTabs(2)) as [TabClient, TabClient];
  const [leaving, stored] = clients;
  await storeAndRestore(stored, () => leaving.socket.signOut({ reason: 'bye' }));
  expect(stored.ends).toMatchObject([{ by: 'other-tab', reason: 'bye' }]);
  expect(stored.world.server.connections).toHaveLength(2);
  await endAll(clients);
});

it('M01 a page whose resume comes ahead of its pageshow takes the token over that its siblings got meanwhile', async () => {
  const clients = (await openTabs(2)) as [TabClient, TabClient];
  const [other, stored] = clients;
  let fresh = '';
  await storeAndRestore(stored, async () => {
    const asked = other.socket.getToken({ forceRefresh: true });
    await other.world.clock.advance(1_000);
    fresh = await asked;
  });
  expect(await stored.socket.getToken()).toBe(fresh);
  expect(stored.world.tokens.calls).toEqual([]);
  expect(stored.world.server.last.received[0]).toEqual({ type: 'auth', token: fresh });
  await endAll(clients);
});

it('M08 of two tokens with one exp the newer is taken, however their answers differed by some ms', async () => {
  const [client] = (await openTabs(1)) as [TabClient];
  const { world } = client;
  const voice = voiceOn(world.openTab(), client);
  const exp = Math.floor(world.clock.now() / 1_000) + 3_600;
  const tokens = [1, 2].map(jti => unsignedJwt({ sub: 'ada', exp, jti }));
  for (const [n, token] of tokens.entries()) {
    const facts = { token, generation: 2 + n, subject: null };
    voice.post({
      version: 1,
      type: 'token',
      ...facts,
      expiresAt: exp * 1_000 - n,
      serverExpiresAt: exp * 1_000,
    });
    await world.clock.advance(10);
    expect(await client.socket.getToken()).toBe(token);
  }
  await endAll([client]);
});

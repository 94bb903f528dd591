import { describe, expect, it } from 'vitest';
import { createTestWorld } from '../../src/testing';
import * as broken from './lockFaults';
import { openTabs, type TabClient, type TabPorts } from './tabsInWorld';

const minute = 60_000;

/** A client in a tab with siblings, brought to some stage of a token call. */
type Stage = (client: TabClient, sibling: TabClient) => Promise<void>;

const force = ({ socket }: TabClient) => void socket.getToken({ forceRefresh: true }).catch(() => {});

const untilNearlyDue = async ({ socket, world }: TabClient) => {
  await world.clock.advance(socket.getStatus().tokenExpiresAt! - world.clock.now() - 132_500);
};

/** Lets time pass until the client has told this of itself. */
async function until({ trace, world }: TabClient, type: string): Promise<void> {
  const before = trace.length;
  for (let n = 0; n < 400; n += 1) {
    if (trace.slice(before).some(event => event.type === type)) return;
    await world.clock.advance(50);
  }
  throw new Error(`There was no ${type}.`);
}

const stages: Record<string, [Stage, TabPorts?]> = {
  'at rest': [async () => {}],
  'waiting for its turn': [
    async (client, sibling) => {
      client.world.tokens.hang();
      force(sibling);
      await client.world.clock.advance(100);
      force(client);
      await client.world.clock.advance(1_000);
      expect(client.log.turns).toBe(1);
    },
  ],
  'waiting for a lock that is never granted': [
    async client => {
      force(client);
      await client.world.clock.advance(2_000);
      expect(client.log.turns).toBe(1);
    },
    { lock: broken.neverGranted },
  ],
  'hesitating where locks are forbidden': [
    async client => {
      await untilNearlyDue(client);
      await until(client, 'turn.denied');
    },
    { lock: broken.forbidden },
  ],
  'yielding to a sibling where there are no locks': [
    async (client, sibling) => {
      client.world.tokens.hang();
      force(sibling);
      await client.world.clock.advance(10);
      force(client);
      await client.world.clock.advance(1_000);
      expect(client.world.tokens.calls).toHaveLength(1);
    },
    { lock: null },
  ],
  'asking its siblings': [
    async client => {
      force(client);
      await client.world.clock.advance(10);
      expect(client.log.posts.at(-1)).toMatchObject({ type: 'ask' });
    },
  ],
  'asking the source': [
    async client => {
      client.world.tokens.hang();
      force(client);
      await client.world.clock.advance(1_000);
      expect(client.log.turns).toBe(1);
    },
  ],
  'standing back in a hidden tab': [
    async client => {
      client.world.page.hide();
      await client.world.clock.advance(13 * minute);
    },
  ],
  'in the middle of a sibling\u2019s sign-out': [
    async (client, sibling) => {
      void sibling.socket.signOut({ before: () => new Promise(() => {}) });
      await client.world.clock.advance(1_000);
    },
  ],
  'in the middle of its own sign-out': [
    async client => {
      void client.socket.signOut({ before: () => new Promise(() => {}) });
      await client.world.clock.advance(1_000);
    },
  ],
  'signed out': [
    async client => {
      await client.socket.signOut();
      await client.world.clock.advance(1_000);
    },
  ],
};

describe('Z03 what tabs share', () => {
  it.each(Object.entries(stages))('Z03 is let go of by destroy(), %s', async (_name, [reach, ports]) => {
    const [client, sibling] = (await openTabs(2, {}, createTestWorld(), ports)) as [TabClient, TabClient];
    await client.world.clock.advance(6_000);
    await reach(client, sibling);
    client.socket.destroy();
    // Promises settle; no time passes.
    await client.world.clock.advance(0);
    expect(client.isGone).toBe(true);
    const { posts, requests } = client.log;
    const before = [posts.length, requests.length];
    sibling.world.tokens.issue();
    await sibling.world.clock.advance(20 * minute);
    expect([posts.length, requests.length]).toEqual(before);
    expect(client.isGone).toBe(true);
    await sibling.end();
  });

  it.each(Object.entries(stages))(
    'Z03 is let go of by disconnect(), %s, when its call has ended',
    async (_name, [reach, ports]) => {
      const [client, sibling] = (await openTabs(2, {}, createTestWorld(), ports)) as [TabClient, TabClient];
      await client.world.clock.advance(6_000);
      await reach(client, sibling);
      client.socket.disconnect();
      // Its turn, 5.5 s; its question; and the deadline of the call.
      await client.world.clock.advance(18_100);
      expect(client.isGone).toBe(true);
      client.socket.destroy();
      sibling.world.tokens.issue();
      await sibling.end();
    },
  );

  it('Z03 signed out, a tab stays on the channel to answer others, and needs neither timer nor lock for it', async () => {
    const [client] = (await openTabs(1)) as [TabClient];
    await client.socket.signOut();
    await client.world.clock.advance(1_000);
    expect(client.log.channels).toBe(1);
    expect(client.log.turns).toBe(0);
    expect(client.world.clock.pendingTimers).toBe(0);
    await client.end();
    expect(client.isGone).toBe(true);
  });

  it('Z03 a hundred sessions in one tab leave no channel and no lock behind', async () => {
    const [client] = (await openTabs(1)) as [TabClient];
    for (let n = 0; n < 100; n += 1) {
      client.socket.setSessionKey(`user-${n}`);
      await client.world.clock.advance(n % 3 === 0 ? 0 : 500);
      expect(client.log.channels).toBe(1);
    }
    await client.world.clock.advance(1_000);
    expect(client.log.turns).toBe(0);
    await client.end();
    expect(client.isGone).toBe(true);
  });
});

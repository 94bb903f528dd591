import { describe, expect, it } from 'vitest';
import { unavailable, type TokenAnswer } from '../../src/core';
import { clientInWorld, type ClientInWorld } from './clientInWorld';

const minute = 60_000;
const stable = 6_000;

/** Everything a browser fires when a laptop is opened, within 40 ms. */
async function wakeEvents({ world }: ClientInWorld, isOnlineFired: boolean): Promise<void> {
  world.page.show();
  await world.clock.advance(10);
  world.page.focus();
  await world.clock.advance(10);
  world.page.pageshow();
  await world.clock.advance(20);
  if (isOnlineFired) world.page.online();
}

/** The network is dead: dials fail, token calls fail as `fetch` does. */
function networkDown({ world }: ClientInWorld): void {
  world.server.refuse();
  world.tokens.answer(() => {
    throw new TypeError('Failed to fetch');
  });
}

function networkUp({ world }: ClientInWorld): void {
  world.server.accept();
  world.tokens.issue();
}

describe('a laptop that wakes before its network', () => {
  for (const clock of ['sleep', 'stall'] as const) {
    it.each([
      ['with an online event', true, 2_000],
      ['without one', false, 6_000],
    ])(
      `S4-A 60 s token, 180 s of ${clock}, network dead for 30 s after it, back %s: the user stays`,
      async (_name, isOnlineFired, withinMs) => {
        const client = clientInWorld({}, { tokenLifetimeMs: minute });
        await client.open(40_000);
        const sessions: string[] = [];
        client.socket.subscribe(() => sessions.push(client.socket.getStatus().session));
        // The proxy cut the connection while the machine slept; nobody told the machine.
        client.world.server.last.halfOpen();
        networkDown(client);
        if (isOnlineFired) client.world.page.offline();
        const callsThatWork = () => client.world.tokens.calls.length;
        await client.world.clock[clock](3 * minute);
        await wakeEvents(client, false);
        await client.world.clock.advance(30_000);
        expect(client.socket.getStatus().session).not.toBe('signed-out');
        const before = callsThatWork();
        networkUp(client);
        if (isOnlineFired) client.world.page.online();
        await client.world.clock.advance(withinMs);
        expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
        await client.world.clock.advance(20_000 - withinMs);
        expect(callsThatWork() - before).toBe(1);
        expect(sessions).not.toContain('signed-out');
        expect(sessions).not.toContain('unknown');
        expect(client.ends).toEqual([]);
        await client.end();
      },
    );
  }
});

interface Variant {
  name: string;
  fault(client: ClientInWorld): void;
}

const variants: readonly Variant[] = [
  {
    name: 'throws',
    fault: ({ world }) =>
      world.tokens.answer(() => {
        throw new Error('boom');
      }),
  },
  {
    name: 'rejects late',
    fault: ({ world }) =>
      world.tokens.answer(
        (() =>
          new Promise((_, reject) => {
            world.platform.clock.setTimer(() => reject(new TypeError('Failed to fetch')), 8_000);
          })) as unknown as () => TokenAnswer,
      ),
  },
  { name: 'null', fault: ({ world }) => world.tokens.answer(null as unknown as TokenAnswer) },
  { name: 'same token', fault: () => {} },
  { name: 'hangs 60 s', fault: ({ world }) => world.tokens.hang() },
  {
    name: '511',
    fault: ({ world }) => world.tokens.answer(() => unavailable({ cause: new Error('HTTP 511') })),
  },
  // What `response.json().access_token` of a captive portal's page comes to, when nobody looked at the status.
  {
    name: '200 with HTML',
    fault: ({ world }) => world.tokens.answer({ error: 'no json' } as unknown as TokenAnswer),
  },
];

describe('every token fault at every moment', () => {
  const lifetime = 4 * minute;
  /** The longest wait of the ladder, and the deadline of a call that hung. */
  const oneStepMs = 30_000 + 10_000;

  for (const variant of variants) {
    const clientOf = () => {
      const client = clientInWorld({}, { tokenLifetimeMs: lifetime });
      const same = { token: 'the-same', expiresInMs: lifetime };
      if (variant.name === 'same token') client.world.tokens.answer(() => same);
      return client;
    };
    const recover = async (client: ClientInWorld) => {
      client.world.tokens.issue();
      await client.world.clock.advance(oneStepMs);
      expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
      client.world.server.last.send({ type: 'alive' });
      await client.world.clock.advance(0);
      expect(client.messages).toContainEqual({ type: 'alive' });
      expect(client.ends).toEqual([]);
      await client.end();
    };

    it(`S4-B ${variant.name} at the first connect`, async () => {
      const client = clientOf();
      variant.fault(client);
      client.socket.connect();
      await client.world.clock.advance(minute);
      expect(client.socket.getStatus()).toMatchObject(
        variant.name === 'same token' ? { link: 'open' } : { session: 'unknown', waitingFor: 'token' },
      );
      await recover(client);
    });

    it(`S4-B ${variant.name} at the scheduled refresh`, async () => {
      const client = clientOf();
      await client.open(stable);
      variant.fault(client);
      await client.world.clock.advance(lifetime - stable - 10_000);
      // The token still lives: nothing has happened that a user could see.
      expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
      await recover(client);
    });

    it(`S4-B ${variant.name} after a close that says expired`, async () => {
      const client = clientOf();
      await client.open(stable);
      variant.fault(client);
      client.world.server.last.close(1008, '{"code":"token_expired"}');
      await client.world.clock.advance(minute);
      // The refused token again is no token: rejected until a different one comes.
      expect(variant.name === 'same token' ? ['rejected'] : ['stale', 'refreshing']).toContain(
        client.socket.getStatus().session,
      );
      expect(client.world.server.dials).toHaveLength(1);
      await recover(client);
    });

    it(`S4-B ${variant.name} after a wake with an expired token`, async () => {
      const client = clientOf();
      await client.open(stable);
      variant.fault(client);
      client.world.server.last.halfOpen();
      await client.world.clock.sleep(lifetime + minute);
      await wakeEvents(client, true);
      await client.world.clock.advance(minute);
      expect(client.socket.getStatus().session).not.toBe('signed-out');
      await recover(client);
    });
  }
});

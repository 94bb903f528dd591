import { describe, expect, it } from 'vitest';
import type { SocketProtocol } from '../../src/core';
import { closeTable } from '../../src/protocols';
import { createTestWorld, type TestWorldOptions } from '../../src/testing';
import { clientInWorld, type ClientInWorld } from './clientInWorld';

const BEAT_MS = 3_000;
const DEAD_MS = BEAT_MS + 10_000;

/** How often a visible page looks at what it heard; nobody notices a silence sooner. */
const LOOK_MS = 2_000;

/** A dialect in which the server pings every 3 s and answers none, as Action Cable. */
const listening: SocketProtocol = {
  name: 'listening',
  waitsForReady: true,
  serverPingMs: BEAT_MS,
  read(data) {
    if (data === 'welcome') return { kind: 'ready' };
    return data === 'ping' ? { kind: 'ignore' } : { kind: 'message', message: data };
  },
  write: message => JSON.stringify(message),
  judgeClose: closeTable(),
};

interface Listening extends ClientInWorld {
  /** Lets time pass while the server says `word` every 3 s. */
  hears(ms: number, word?: string): Promise<void>;
  /** Lets time pass in silence until the link is given up, at most so long. Answers after how many ms; null: never. */
  untilGivenUp(withinMs: number): Promise<number | null>;
  /** The next link is let in. */
  welcome(): Promise<void>;
}

/** Open for more than its stable time, the server's last word just heard. */
async function listen(
  options: Parameters<typeof clientInWorld>[0] = {},
  worldOptions: TestWorldOptions = {},
): Promise<Listening> {
  // No token ends within a test: a new one would be a new link.
  const world = createTestWorld({ tokenLifetimeMs: 86_400_000, ...worldOptions });
  const client = clientInWorld({ protocol: listening, ...options }, world);
  const { server, clock } = world;
  server.auto = false;
  const welcome = async () => {
    await clock.advance(1_000);
    server.last.send('welcome');
    await clock.advance(0);
    expect(client.socket.getStatus().link).toBe('open');
  };
  const hears = async (ms: number, word = 'ping') => {
    for (let passed = 0; passed < ms; passed += BEAT_MS) {
      await clock.advance(Math.min(BEAT_MS, ms - passed));
      server.last.send(word);
      await clock.advance(0);
    }
  };
  client.socket.connect();
  await welcome();
  await hears(9_000);
  return {
    ...client,
    hears,
    welcome,
    async untilGivenUp(withinMs) {
      const { length } = server.dials;
      for (let passed = 0; passed < withinMs; passed += 100) {
        await clock.advance(100);
        if (client.socket.getStatus().link !== 'open' || server.dials.length > length) return passed + 100;
      }
      return null;
    },
  };
}

describe('a link on which only the server pings', () => {
  it.each(['ping', 'news'])('lives as long as the server says anything, such as %s', async word => {
    const client = await listen();
    await client.hears(1_200_000, word);
    expect(client.world.server.dials).toHaveLength(1);
    expect(client.world.server.last.received).toEqual([]);
    expect(client.errors).toEqual([]);
    await client.end();
  });

  it('S06 is dead after serverPingMs and timeoutMs of silence, noticed at the next look, and replaced', async () => {
    for (const phase of [0, 0.5, 1, 1.9, 2.9]) {
      const client = await listen({}, { seed: 7 + phase });
      await client.world.clock.advance(phase * 1_000);
      client.world.server.last.send('ping');
      await client.world.clock.advance(0);
      client.world.server.last.halfOpen();
      const diedAfter = await client.untilGivenUp(60_000);
      expect(diedAfter).toBeGreaterThanOrEqual(DEAD_MS);
      expect(diedAfter).toBeLessThanOrEqual(DEAD_MS + LOOK_MS);
      expect(client.socket.getStatus().lastClose).toEqual({
        code: 1006,
        reason: 'the server fell silent',
        verdict: 'ambiguous',
      });
      await client.welcome();
      await client.hears(60_000);
      expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2, session: 'valid' });
      expect(client.world.tokens.calls).toHaveLength(1);
      await client.end();
    }
  });

  it('S06 is dead as well if the server never said more than that it let us in', async () => {
    const client = await listen();
    client.world.server.last.drop();
    await client.welcome();
    const diedAfter = await client.untilGivenUp(60_000);
    expect(diedAfter).toBeGreaterThanOrEqual(DEAD_MS);
    expect(diedAfter).toBeLessThanOrEqual(DEAD_MS + LOOK_MS);
    await client.end();
  });

  it('waits as long as it is told to', async () => {
    const client = await listen({ heartbeat: { timeoutMs: 2_000 } });
    const diedAfter = await client.untilGivenUp(60_000);
    expect(diedAfter).toBeGreaterThanOrEqual(BEAT_MS + 2_000);
    expect(diedAfter).toBeLessThanOrEqual(BEAT_MS + 2_000 + LOOK_MS);
    await client.end();
  });

  it('is not watched with heartbeat: false', async () => {
    const client = await listen({ heartbeat: false });
    expect(await client.untilGivenUp(600_000)).toBeNull();
    await client.end();
  });

  it.each([0, -1, NaN, Infinity, '3000'])(
    'is not watched where the dialect promises %j',
    async serverPingMs => {
      const client = await listen({ protocol: { ...listening, serverPingMs: serverPingMs as number } });
      expect(await client.untilGivenUp(600_000)).toBeNull();
      await client.end();
    },
  );

  it('is asked instead where the dialect can ping', async () => {
    const client = await listen({ protocol: { ...listening, ping: () => 'ping' } });
    const diedAfter = await client.untilGivenUp(60_000);
    expect(client.world.server.last.received).toEqual(['ping']);
    expect(diedAfter).toBeGreaterThan(25_000);
    expect(client.socket.getStatus().lastClose?.reason).toBe('no answer to a ping');
    await client.end();
  });

  it('is neither killed nor kept alive by somebody who looks at the page every second', async () => {
    const client = await listen();
    let silentMs = 0;
    while (client.socket.getStatus().link === 'open' && silentMs < 60_000) {
      client.world.page.focus();
      await client.world.clock.advance(1_000);
      silentMs += 1_000;
    }
    expect(silentMs).toBeGreaterThanOrEqual(DEAD_MS);
    expect(silentMs).toBeLessThanOrEqual(2 * DEAD_MS);
    await client.end();
  });
});

describe('a link on which only the server pings, and a machine that stood still', () => {
  const stops = ['stall', 'sleep'] as const;
  const spans = [4_000, 12_900, 13_100, 13_500, 13_900, 14_100, 20_000, 24_000];

  it.each(stops.flatMap(stop => spans.map(ms => [stop, ms] as const)))(
    'K05 K08 a %s of %i ms kills no link whose frames are still in the queue',
    async (stop, ms) => {
      // A stop of less than 5 s looks like a slow network: a link that was silent for long before it has had its time.
      for (const silentMs of ms > 5_000 ? [0, 2_900, 5_000, 12_000] : [0, 2_900, 5_000]) {
        const client = await listen();
        await client.world.clock.advance(silentMs);
        const over = client.world.clock[stop](ms);
        client.world.server.last.send('ping');
        await over;
        await client.hears(60_000);
        expect(client.world.server.dials).toHaveLength(1);
        await client.end();
      }
    },
  );

  it.each(stops.flatMap(stop => [9_000, 13_500, 20_000].map(ms => [stop, ms] as const)))(
    'K08 a link that is silent after a %s of %i ms gets one more full wait',
    async (stop, ms) => {
      for (const silentMs of [0, 5_000, 12_000]) {
        const client = await listen();
        client.world.server.last.halfOpen();
        await client.world.clock.advance(silentMs);
        await client.world.clock[stop](ms);
        const diedAfter = await client.untilGivenUp(60_000);
        expect(diedAfter).toBeGreaterThanOrEqual(DEAD_MS);
        expect(diedAfter).toBeLessThanOrEqual(DEAD_MS + LOOK_MS);
        await client.end();
      }
    },
  );

  it.each(stops)(
    'K04 after a %s that is longer than a heartbeat it is replaced, the new one first',
    async stop => {
      const client = await listen();
      const gaps: (number | null)[] = [];
      client.socket.onOpen(({ gapMs }) => gaps.push(gapMs));
      await client.world.clock[stop](60_000);
      // A sleep is noticed at the next look.
      await client.world.clock.advance(LOOK_MS + 600);
      const [former] = client.world.server.connections;
      expect(client.world.server.connections).toHaveLength(2);
      former!.send('still here');
      await client.world.clock.advance(0);
      expect(client.messages).toEqual(['still here']);
      expect(former!.isOpen).toBe(true);
      await client.welcome();
      expect(former!.closed).toMatchObject({ by: 'client', code: 1000 });
      expect(gaps).toEqual([null, 0]);
      expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
      await client.end();
    },
  );
});

describe('a link on which only the server pings, in a hidden tab', () => {
  it('L01 lives while the server speaks, in spite of timers that come once a minute', async () => {
    const client = await listen({}, { throttleHiddenTimers: true });
    client.world.page.hide();
    await client.hears(3_600_000);
    client.world.page.show();
    await client.hears(60_000);
    expect(client.world.server.dials).toHaveLength(1);
    await client.end();
  });

  it('S06 is found dead at most 36 s after the last word while timers run', async () => {
    for (const hiddenMs of [0, 1_000, 20_000, 29_000]) {
      const client = await listen();
      client.world.page.hide();
      await client.hears(hiddenMs);
      expect(await client.untilGivenUp(120_000)).toBeLessThanOrEqual(36_000);
      await client.end();
    }
  });

  it('L01 is found dead at most 130 s after the last word when they come once a minute', async () => {
    for (const hiddenMs of [600_000, 615_000, 630_000, 645_000]) {
      const client = await listen({}, { throttleHiddenTimers: true });
      client.world.page.hide();
      await client.hears(hiddenMs);
      expect(await client.untilGivenUp(300_000)).toBeLessThanOrEqual(130_000);
      await client.end();
    }
  });

  it('L02 one that died there is found dead within a full wait of the page being shown', async () => {
    const client = await listen({}, { throttleHiddenTimers: true });
    client.world.page.hide();
    await client.hears(600_000);
    client.world.server.last.halfOpen();
    await client.world.clock.advance(10_000);
    client.world.page.show();
    expect(await client.untilGivenUp(60_000)).toBeLessThanOrEqual(DEAD_MS + LOOK_MS);
    await client.end();
  });
});

import { describe, expect, it } from 'vitest';
import { emptyFeed, reduceFeed } from '../../storybook/demo/app/tickFeed';
import { createSleepyClock } from '../../storybook/demo/app/sleepyClock';
import { clientInWorld } from './clientInWorld';

const hours = (count: number) => count * 3_600_000;

describe('the clock that the demo puts to sleep', () => {
  it('is an ordinary clock while awake', async () => {
    const { world } = clientInWorld();
    const clock = createSleepyClock(world.platform.clock);
    const ran: string[] = [];
    clock.setTimer(() => ran.push('a'), 100);
    clock.setTimer(() => ran.push('b'), 200)();
    await world.clock.advance(99);
    expect(ran).toEqual([]);
    await world.clock.advance(200);
    expect(ran).toEqual(['a']);
    expect(clock.wallMs()).toBe(world.platform.clock.wallMs());
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('holds timers and elapsed time, moves wall time, and goes on where it stopped', async () => {
    const { world } = clientInWorld();
    const clock = createSleepyClock(world.platform.clock);
    const ran: number[] = [];
    const [wall, elapsed] = [clock.wallMs(), clock.elapsedMs()];
    clock.setTimer(() => ran.push(clock.elapsedMs() - elapsed), 1_000);
    await world.clock.advance(400);
    clock.fallAsleep();
    clock.setTimer(() => ran.push(-1), 10)();
    await world.clock.advance(4_000);
    expect(ran).toEqual([]);
    expect(clock.elapsedMs() - elapsed).toBe(400);
    clock.wake(hours(8));
    expect(clock.wallMs() - wall).toBe(hours(8) + 4_400);
    await world.clock.advance(599);
    expect(ran).toEqual([]);
    await world.clock.advance(1);
    expect(ran).toEqual([1_000]);
  });

  it('makes a client notice the sleep by itself and come back signed in', async () => {
    const base = clientInWorld();
    const clock = createSleepyClock(base.world.platform.clock);
    const client = clientInWorld({ platform: { ...base.world.platform, clock } }, base.world);
    await client.open(6_000);
    clock.fallAsleep();
    client.world.server.last.halfOpen();
    await client.world.clock.advance(4_000);
    clock.wake(hours(8));
    await client.world.clock.advance(10_000);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2, session: 'valid' });
    expect(client.ends).toEqual([]);
    await client.end();
  });
});

describe('the numbered stream', () => {
  const tick = (seq: number) => ({ type: 'tick', seq, at: seq * 1_000 }) as const;

  it('counts what came, what was caught up, what is missing and what came twice', () => {
    const before = reduceFeed(emptyFeed, [tick(5), tick(6)]);
    const after = reduceFeed(before, [
      { type: 'resumed', from: 7, replayed: 2, missed: 0 },
      tick(7),
      tick(8),
      tick(8),
      tick(9),
      tick(12),
      { type: 'echo', id: 'x', text: 'hello', copies: 1 },
    ]);
    expect(after).toMatchObject({ received: 6, caughtUp: 2, twice: 1, missing: 2 });
    expect(after.recent.map(({ seq, isCaughtUp }) => [seq, isCaughtUp])).toEqual([
      [5, false],
      [6, false],
      [7, true],
      [8, true],
      [9, false],
      [12, false],
    ]);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { canShimWallclock } from './harness/wallclockShim';
import { playLaptopSleep, type LaptopSleepOf, type LaptopSleepReport } from './laptopSleep';

vi.setConfig({ maxConcurrency: 6 });

/** A token of a minute, three minutes of sleep, no network for the first half minute after it. */
const script: Omit<LaptopSleepOf, 'client' | 'wake'> = {
  tokenMs: 60_000,
  sleepMs: 180_000,
  networkDeadMs: 30_000,
  watchMs: 20_000,
};

/** Plays one run and prints its figures. */
async function play(
  name: string,
  options: Omit<LaptopSleepOf, keyof typeof script> & Partial<LaptopSleepOf>,
) {
  const report = await playLaptopSleep({ ...script, ...options });
  const { timeline: _, ...figures } = report;
  process.stdout.write(`Laptop, ${name}: ${JSON.stringify(figures)}\n`);
  return report;
}

function expectKept({ openAfterMs, refreshesAtMs, ...user }: LaptopSleepReport, openWithinMs: number): void {
  expect(user).toMatchObject({ mounts: 1, signOuts: 0, reloads: 0, draft: 'Dear all, ', screen: 'Inbox' });
  expect(openAfterMs).not.toBeNull();
  expect(openAfterMs).toBeLessThanOrEqual(openWithinMs);
  expect(refreshesAtMs).toHaveLength(1);
}

describe('three minutes of sleep with a token of one minute', () => {
  it.concurrent('S4-A K06 keep the user when the tab heard nothing of the sleep', async () => {
    expectKept(await play('ours, silent', { client: 'ours', wake: 'silent' }), 6_000);
  });

  it.concurrent('S4-A K06 keep the user when all wake events come before the network', async () => {
    expectKept(await play('ours, all events', { client: 'ours', wake: 'events' }), 6_000);
  });

  it.concurrent('S4-A are over within two seconds of the online event', async () => {
    expectKept(await play('ours, online event', { client: 'ours', wake: 'offline' }), 2_000);
  });

  it.runIf(canShimWallclock())(
    'S4-A keep the user when the monotonic clock stood still, as in a real suspend',
    { concurrent: true },
    async () => {
      const suspended = { client: 'ours', wake: 'events', clock: 'suspended' } as const;
      expectKept(await play('ours, suspended clock', suspended), 6_000);
    },
  );

  it.concurrent('lose the user of a plain client', async () => {
    const report = await play('plain, silent', { client: 'plain', wake: 'silent' });
    expect(report).toMatchObject({ signOuts: 1, openAfterMs: null, draft: null, screen: 'Please sign in' });
  });
});

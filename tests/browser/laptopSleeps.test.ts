import { describe, expect, it, vi } from 'vitest';
import { canShimWallclock } from './harness/wallclockShim';
import { playLaptopSleep, type LaptopSleepOf, type LaptopSleepReport } from './laptopSleep';

vi.setConfig({ maxConcurrency: 6 });

/** The long run in small: a token of 6 s, 9 s of sleep, 4 s without a network. */
const script: Omit<LaptopSleepOf, 'client' | 'wake'> = {
  tokenMs: 6_000,
  sleepMs: 9_000,
  networkDeadMs: 4_000,
  watchMs: 7_000,
};

/** Well before half of the new token's life is over and its regular refresh due. */
const settledMs = 2_000;

function expectKept(report: LaptopSleepReport, openWithinMs: number): void {
  const { openAfterMs, refreshesAtMs, ...user } = report;
  expect(user).toMatchObject({ mounts: 1, signOuts: 0, reloads: 0, draft: 'Dear all, ', screen: 'Inbox' });
  expect(openAfterMs).not.toBeNull();
  expect(openAfterMs).toBeLessThanOrEqual(openWithinMs);
  expect(refreshesAtMs.filter(at => at < (openAfterMs ?? 0) + settledMs)).toHaveLength(1);
}

describe('with this package a laptop that sleeps longer than its token', () => {
  it.concurrent('S4-A K06 keeps the user when the tab heard nothing of the sleep', async () => {
    expectKept(await playLaptopSleep({ ...script, client: 'ours', wake: 'silent' }), 6_000);
  });

  it.concurrent('S4-A K06 keeps the user when all wake events come before the network', async () => {
    expectKept(await playLaptopSleep({ ...script, client: 'ours', wake: 'events' }), 6_000);
  });

  it.concurrent('S4-A is live within two seconds of the online event', async () => {
    expectKept(await playLaptopSleep({ ...script, client: 'ours', wake: 'offline' }), 2_000);
  });

  it.runIf(canShimWallclock())(
    'S4-A keeps the user when the monotonic clock stood still, as in a real suspend',
    { concurrent: true },
    async () => {
      const suspended = { ...script, sleepMs: 180_000, clock: 'suspended' } as const;
      expectKept(await playLaptopSleep({ ...suspended, client: 'ours', wake: 'events' }), 6_000);
    },
  );
});

describe('with a plain client the same sleep, page and network', () => {
  it.concurrent('signs the user out and never back in when the tab heard nothing of the sleep', async () => {
    const report = await playLaptopSleep({ ...script, client: 'plain', wake: 'silent' });
    expect(report).toMatchObject({ signOuts: 1, openAfterMs: null, draft: null, screen: 'Please sign in' });
  });

  it.concurrent('reloads the page under the user when all wake events come before the network', async () => {
    const report = await playLaptopSleep({ ...script, client: 'plain', wake: 'events' });
    expect(report).toMatchObject({ signOuts: 1, reloads: 1 });
    expect(report.draft).not.toBe('Dear all, ');
  });
});

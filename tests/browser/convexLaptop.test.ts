import { describe, expect, it, vi } from 'vitest';
import { playConvexLaptop, type ConvexLaptop, type ConvexLaptopReport } from './convexLaptop';
import { startConvexStage } from './harness/convexStage';
import { launchChromium } from './harness/launchChromium';
import { canShimWallclock } from './harness/wallclockShim';
import { seenOn } from './laptopLog';

vi.setConfig({ maxConcurrency: 6 });

/** The long run in small: a token of 6 s, 9 s of sleep, 4 s without a network. */
const script: Omit<ConvexLaptop, 'wiring' | 'wake'> = {
  tokenMs: 6_000,
  sleepMs: 9_000,
  networkDeadMs: 4_000,
  watchMs: 7_000,
};

/** Well before the new token is due to be replaced. */
const settledMs = 3_000;

function expectKept(report: ConvexLaptopReport, openWithinMs: number): void {
  const { tokenAfterMs, openAfterMs, refreshesAtMs, ...user } = report;
  expect(user).toMatchObject({ mounts: 1, signOuts: 0, reloads: 0, draft: 'Dear all, ', screen: 'Inbox' });
  expect(tokenAfterMs).toBeLessThanOrEqual(openWithinMs);
  expect(openAfterMs).not.toBeNull();
  expect(openAfterMs).toBeLessThanOrEqual(openWithinMs);
  expect(refreshesAtMs.filter(at => at < settledMs)).toHaveLength(1);
}

describe('AuthKit and Convex with this package between them, after a sleep longer than the token', () => {
  it.concurrent('S4-A keep the user when the tab heard nothing of the sleep', async () => {
    expectKept(await playConvexLaptop({ ...script, wiring: 'ours', wake: 'silent' }), 6_000);
  });

  it.concurrent('S4-A keep the user when all wake events come before the network', async () => {
    expectKept(await playConvexLaptop({ ...script, wiring: 'ours', wake: 'events' }), 6_000);
  });

  it.concurrent('S4-A are live within two seconds of the online event', async () => {
    expectKept(await playConvexLaptop({ ...script, wiring: 'ours', wake: 'offline' }), 2_000);
  });

  it.runIf(canShimWallclock())(
    'S4-A keep the user when the monotonic clock stood still, as in a real suspend',
    { concurrent: true },
    async () => {
      const suspended = { ...script, sleepMs: 180_000, clock: 'suspended' } as const;
      expectKept(await playConvexLaptop({ ...suspended, wiring: 'ours', wake: 'offline' }), 2_000);
    },
  );
});

describe('AuthKit and Convex as the template joins them', () => {
  it.concurrent.each(['silent', 'events'] as const)(
    'take the tree down and never ask again (wake: %s)',
    async wake => {
      const report = await playConvexLaptop({ ...script, wiring: 'template', wake });
      expect(report).toMatchObject({ signOuts: 1, openAfterMs: null, draft: null, screen: 'Please sign in' });
      // AuthKit itself has a good token again at once: nobody asks it for one.
      expect(report.tokenAfterMs).not.toBeNull();
    },
  );
});

describe('a session that has really ended', () => {
  it('S4 is seen at the next refresh, without a reload', async () => {
    const stage = await startConvexStage({ entry: 'convexPage.tsx', tokenMs: 4_000 });
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const tab = await stage.open(page);
      await tab.waitFor('message');
      stage.workos.endSession();
      await tab.waitFor('unmounted');
      expect(await seenOn(page)).toBe('Please sign in');
      expect(tab.find('mounted')).toHaveLength(1);
      expect(tab.find('navigation')).toEqual([]);
    } finally {
      await browser.close();
      await stage.close();
    }
  });
});

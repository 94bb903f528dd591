import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { launchPlain, type PlainChromium } from './harness/launchPlain';
import { playTabLifetimes } from './tabLifetimes';
import { assertUndisturbed, closeTabs, inBackground, sharedToken, startTabStage, type Tab } from './tabStage';

let chromium: PlainChromium;

afterEach(async () => {
  await closeTabs(chromium);
  await chromium.close();
});

it.each([
  ['S2-A', 2, 20],
  ['S2-A', 6, 20],
  ['M12 S2-A', 8, 20],
  ['S2-A', 20, 6],
])(
  '%s %i tabs of one session make %i refreshes in as many lifetimes of a token',
  async (_id, tabs, lifetimes) => {
    chromium = await launchPlain();
    const tokenMs = 6_000;
    const report = await playTabLifetimes(chromium, { mode: 'share', tabs, lifetimes, tokenMs });
    expect(report).toMatchObject({
      evictions: 0,
      unauthorized: 0,
      authCloses: 0,
      reconnects: 0,
      familiesRevoked: 0,
      signOuts: 0,
      printed: [],
    });
    expect(Math.abs(report.refreshes - lifetimes)).toBeLessThanOrEqual(1);
    expect(Math.min(...report.gapsMs)).toBeGreaterThanOrEqual(tokenMs / 2);
    expect(report.liveTokens).toBeLessThanOrEqual(2);
  },
);

it('S2-A L01 tabs that are all hidden for so long that their timers run once a minute refresh in time, once', async () => {
  chromium = await launchPlain({
    args: ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10'],
  });
  // The default lead is 120 s, and the server does not warn.
  const stage = await startTabStage({ accessTtlMs: 240_000, expiringSoonMs: 0, tokensPerUser: 5 });
  await stage.logIn(chromium.context);
  const tabs = await stage.openTabs(chromium.context, 3);
  await chromium.hideOthers();
  const lifetimes = 3;
  await expect
    .poll(() => stage.refreshRequests().length, { timeout: (lifetimes + 1) * 240_000, interval: 1_000 })
    .toBe(1 + lifetimes);
  await stage.server.waitFor(({ refreshFrames }) => refreshFrames.acked === 3 * lifetimes, 10_000);
  const times = stage.refreshRequests().map(({ at }) => at);
  const gaps = times.slice(1).map((at, index) => at - times[index]!);
  for (const gap of gaps) {
    // Not before half of the life, and before its end.
    expect(gap).toBeGreaterThanOrEqual(100_000);
    expect(gap).toBeLessThanOrEqual(230_000);
  }
  await sharedToken(tabs);
  const { authCloses, unauthorized, evictions, connections } = stage.server.stats();
  expect({ authCloses, unauthorized, evictions }).toEqual({ authCloses: {}, unauthorized: {}, evictions: 0 });
  expect(connections).toHaveLength(3);
  assertUndisturbed(tabs);
  await stage.close();
});

it('S2-B a tab whose script stalls for 30 s while it refreshes costs the others 5 s, and comes back to their token', async () => {
  chromium = await launchPlain();
  const stage = await startTabStage({ refreshGraceMs: 0 });
  await stage.logIn(chromium.context);
  const tabs = await stage.openTabs(chromium.context, 3);
  const [front, hidden, stalled] = tabs as [Tab, Tab, Tab];
  const old = await sharedToken(tabs);
  stage.server.faults.set('/auth/refresh', { kind: 'slow', latencyMs: 300, count: 1 });
  void inBackground(stalled.refresh());
  await stage.server.waitFor(({ faultsServed }) => faultsServed['/auth/refresh slow'] === 1);
  const stall = inBackground(
    stalled.page.evaluate(() => {
      const end = performance.now() + 30_000;
      while (performance.now() < end);
    }),
  );
  const askedAt = Date.now();
  await Promise.all([front.refresh(), hidden.refresh()]);
  expect(Date.now() - askedAt).toBeLessThanOrEqual(5_500 + 1_500);
  await delay(20_000);
  expect(await sharedToken([front, hidden])).not.toBe(old);
  await stall;
  await sharedToken(tabs, { timeoutMs: 15_000 });
  expect(stage.server.stats()).toMatchObject({ familiesRevoked: 0, replays: 0, unauthorized: {} });
  assertUndisturbed(tabs);
  await stage.close();
});

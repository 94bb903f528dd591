import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { ReferenceServerOptions } from '../server/serverOptions';
import { launchPlain, type PlainChromium } from './harness/launchPlain';
import { isOpen, startScriptedStage, type ScriptedStage, type ScriptedTab } from './scriptedStage';

vi.setConfig({ maxConcurrency: 4 });

/** Timers of a hidden tab run once a minute, after 10 s already instead of 5 min. */
const intensiveThrottling = '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10';
const graceMs = 10_000;
const throttledMs = 12_000;
const tokenMs = 10_000;

let chromium: PlainChromium;

beforeAll(async () => {
  chromium = await launchPlain({ args: [intensiveThrottling] });
});

afterAll(async () => {
  await chromium?.close();
});

interface HiddenTab {
  tab: ScriptedTab;
  stage: ScriptedStage;
  close(): Promise<void>;
}

/** A tab whose client is open and whose page counts its own timers. */
async function openTab(server: ReferenceServerOptions): Promise<HiddenTab> {
  const stage = await startScriptedStage({ streamIntervalMs: 0, accessTtlMs: tokenMs, ...server });
  const tab = await stage.open(await chromium.context.newPage());
  await tab.mountOpen();
  return {
    tab,
    stage,
    async close() {
      await tab.page.close();
      await stage.close();
    },
  };
}

it('S2-D a hidden tab whose timers run once a minute keeps its user, and is live 5 s after it is shown', async () => {
  const warned = await openTab({ expiringSoonMs: 4_000 });
  const silent = await openTab({ expiringSoonMs: 0 });
  const tabs = [warned, silent];
  const ticks = await Promise.all(
    tabs.map(({ tab }) =>
      tab.page.evaluateHandle(() => {
        const at: number[] = [];
        setInterval(() => at.push(performance.now()), 250);
        return at;
      }),
    ),
  );
  const front = await chromium.hideOthers();
  const from = tabs.map(({ tab }) => tab.mark());
  await delay(graceMs);
  const throttledFrom = await Promise.all(ticks.map(async handle => (await handle.jsonValue()).length));
  await delay(throttledMs);

  // The throttling was real: a tab that is merely hidden runs such a timer once a second.
  for (const [index, handle] of ticks.entries()) {
    const count = (await handle.jsonValue()).length - throttledFrom[index]!;
    expect(count).toBeLessThan(throttledMs / 1_000 / 2);
  }

  // The server's word before each expiry is enough: one socket, its token renewed in band.
  expect(warned.stage.connections()).toHaveLength(1);
  expect(warned.stage.server.stats().refreshFrames.acked).toBeGreaterThanOrEqual(2);
  expect(warned.stage.server.stats().authCloses).toEqual({});

  // Without it the token is renewed, too; should the server ever close first, one new socket follows at once.
  const { connections, refreshes } = silent.stage.server.stats();
  expect(refreshes).toBeGreaterThanOrEqual(3);
  for (const [index, { closedAt }] of connections.entries())
    if (closedAt !== null) expect(connections[index + 1]!.authenticatedAt! - closedAt).toBeLessThan(5_000);

  // Half-open unnoticed; then the tab is shown.
  const shownFrom = warned.tab.mark();
  await warned.stage.server.control({ command: 'halfOpen' });
  await warned.tab.page.bringToFront();
  const shown = await warned.tab.waitFor('lifecycle', {
    from: shownFrom,
    where: ({ detail }) => (detail as { name: string }).name === 'visibilitychange',
  });
  const back = await warned.tab.waitForStatus(
    ({ link, connection }) => link === 'open' && connection === 2,
    shownFrom,
  );
  expect(back.elapsed - shown.elapsed).toBeLessThanOrEqual(5_000);
  expect(warned.stage.connections()).toHaveLength(2);

  for (const [index, { tab, close }] of tabs.entries()) {
    expect(tab.find('unmounted')).toEqual([]);
    expect(tab.find('session.expired')).toEqual([]);
    await tab.waitForStatus(isOpen, from[index]);
    tab.assertUndisturbed();
    await tab.expectNoLeak();
    await close();
  }
  await front.close();
});

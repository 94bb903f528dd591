import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './harness/launchChromium';
import type { Sink } from './pages/sinkSpy';
import type { TabSettings } from './pages/tabSurface';
import { assertUndisturbed, inProfile, type Tab } from './tabStage';

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
});

const everywhere: readonly Sink[] = ['channel', 'storage', 'cookie', 'indexedDB', 'history', 'window.name'];

/** Places that were written to at all. */
const writtenTo = async ({ page }: Tab): Promise<Sink[]> => {
  const writes = await page.evaluate(() => window.tab.writes());
  return everywhere.filter(sink => writes[sink] > 0);
};

it.each<[string, TabSettings, { writes: Sink[]; leaks: Sink[] }]>([
  ['without sessionKey goes nowhere', {}, { writes: [], leaks: [] }],
  [
    'with sessionKey goes to its tabs over the channel and nowhere else',
    { sessionKey: 'ada' },
    { writes: ['channel'], leaks: ['channel'] },
  ],
  [
    "with tabs: 'signal' goes nowhere, and only that there is a new one is said on the channel",
    { sessionKey: 'ada', options: { tabs: 'signal' } },
    { writes: ['channel'], leaks: [] },
  ],
  [
    "with tabs: 'separate' goes nowhere",
    { sessionKey: 'ada', options: { tabs: 'separate' } },
    { writes: [], leaks: [] },
  ],
])('X03 the access token %s', (_title, settings, { writes, leaks }) =>
  inProfile(chromium, {}, async (stage, context) => {
    const tabs = await stage.openTabs(context, 2, settings);
    const [first, second] = tabs as [Tab, Tab];
    // A token of its own, a new one on the open link, one more after a refusal, and the way out.
    const before = await first.fingerprint();
    expect(await first.refresh()).not.toBe(before);
    await stage.server.waitFor(({ refreshFrames }) => refreshFrames.acked >= 1);
    const from = second.mark();
    await stage.server.control({ command: 'expireNow' });
    await second.waitForStatus(({ link, connection }) => link === 'open' && connection === 2, from);
    await first.waitForStatus(({ link, connection }) => link === 'open' && connection === 2);
    expect(await second.fingerprint()).not.toBe(before);
    assertUndisturbed(tabs);
    await first.page.evaluate(() => window.tab.signOut('bye'));
    const leakedBy = await Promise.all(tabs.map(({ page }) => page.evaluate(() => window.tab.leaks())));
    expect([...new Set(leakedBy.flat())]).toEqual(leaks);
    const writtenBy = await Promise.all(tabs.map(writtenTo));
    expect([...new Set(writtenBy.flat())]).toEqual(writes);
    for (const tab of tabs) tab.assertUndisturbed();
    // Nothing of it is kept in the browser: the next page of this origin finds it empty.
    const kept = await context.storageState({ indexedDB: true });
    expect(kept.origins).toEqual([]);
    expect(kept.cookies.map(({ name }) => name).filter(name => !name.startsWith('refresh_'))).toEqual([]);
  }),
);

it('X03 the watch over these places notices a token in each of them', () =>
  inProfile(chromium, {}, async (stage, context) => {
    const [tab] = (await stage.openTabs(context, 1, {})) as [Tab];
    expect(await tab.page.evaluate(() => window.tab.leaks())).toEqual([]);
    await tab.page.evaluate(() => window.tab.leakEverywhere());
    expect(await tab.page.evaluate(() => window.tab.leaks())).toEqual(everywhere);
    expect(await writtenTo(tab)).toEqual(everywhere);
  }));

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { launchPlain, type PlainChromium } from './harness/launchPlain';
import type { TabSettings } from './pages/tabSurface';
import { playTabLifetimes, type TabLifetimesReport } from './tabLifetimes';
import {
  adasTab,
  assertUndisturbed,
  closeTabs,
  isOpen,
  sharedToken,
  startTabStage,
  type TabStage,
} from './tabStage';

let chromium: PlainChromium;
let stage: TabStage | undefined;

beforeAll(async () => {
  chromium = await launchPlain();
});

afterEach(async () => {
  await closeTabs(chromium);
  await stage?.close();
  stage = undefined;
});

afterAll(async () => {
  await chromium?.close();
});

/** No token was taken from a tab, and nobody noticed anything. */
const nothingLost = {
  evictions: 0,
  unauthorized: 0,
  authCloses: 0,
  reconnects: 0,
  familiesRevoked: 0,
  signOuts: 0,
  printed: [],
} satisfies Partial<TabLifetimesReport>;

it('S2-A six tabs that keep to themselves take their tokens from one another, on a server that allows five', async () => {
  const report = await playTabLifetimes(chromium, {
    mode: 'separate',
    tabs: 6,
    lifetimes: 4,
    tokenMs: 2_000,
  });
  expect(report.refreshes).toBeGreaterThanOrEqual(3 * 4);
  expect(report.evictions).toBeGreaterThanOrEqual(6);
  expect(report.unauthorized).toBeGreaterThanOrEqual(1);
});

it.each([
  ['S2-A six', 6, 6],
  ['M12 S2-A eight', 8, 3],
])(
  '%s tabs of one session make one refresh per lifetime of a token, and nobody loses one',
  async (_title, tabs, lifetimes) => {
    const report = await playTabLifetimes(chromium, { mode: 'share', tabs, lifetimes });
    expect(report).toMatchObject(nothingLost);
    expect(Math.abs(report.refreshes - lifetimes)).toBeLessThanOrEqual(1);
    // Never two for one token.
    expect(Math.min(...report.gapsMs)).toBeGreaterThanOrEqual(1_500);
    expect(report.liveTokens).toBeLessThanOrEqual(2);
    // The application's own requests went on meanwhile.
    expect(report.requests).toBeGreaterThanOrEqual(tabs * lifetimes);
  },
);

it('M01 five tabs whose token comes to its end together ask once, and each presents the new token in band', async () => {
  stage = await startTabStage({ accessTtlMs: 6_000 });
  await stage.logIn(chromium.context);
  const tabs = await stage.openTabs(chromium.context, 5);
  const first = await sharedToken(tabs);
  const calls = stage.refreshRequests().length;
  const marks = tabs.map(tab => tab.mark());

  await stage.server.waitFor(({ refreshFrames }) => refreshFrames.acked === 5, 8_000);
  const second = await sharedToken(tabs);
  expect(second).not.toBe(first);
  expect(stage.refreshRequests()).toHaveLength(calls + 1);
  expect(tabs.flatMap((tab, index) => tab.calls(marks[index])).map(({ detail }) => detail)).toEqual([
    { reason: 'expiring', forceRefresh: false },
  ]);
  for (const tab of tabs) expect(await tab.status()).toMatchObject({ link: 'open', connection: 1 });
  expect(stage.connections()).toHaveLength(5);
  assertUndisturbed(tabs);
});

it('M01 tabs that are opened later take the token over instead of asking for one', async () => {
  stage = await startTabStage();
  await stage.logIn(chromium.context);
  // A function over fetch serves as well as the endpoint's own source.
  const settings: TabSettings = { ...adasTab, source: 'fetch' };
  const tabs = await stage.openTabs(chromium.context, 1, settings);
  const open = async (given: TabSettings) => {
    const tab = await stage!.openTab(await chromium.context.newPage(), given);
    tabs.push(tab);
    return tab;
  };
  const late = [await open(settings), await open(settings), await open(settings)];
  // A sibling is given 30 ms to answer; on a loaded machine one may take longer, and then there is a newer token for all.
  expect(late.flatMap(tab => tab.calls()).length).toBeLessThanOrEqual(1);
  await sharedToken(tabs);

  // A tab of somebody else, or of nobody in particular, has no part in that.
  const other = await open({ ...settings, sessionKey: 'bob' });
  const alone = await open({ source: 'fetch' });
  expect(other.calls()).toHaveLength(1);
  expect(alone.calls()).toHaveLength(1);
  for (const tab of tabs) expect(isOpen(await tab.status())).toBe(true);
  assertUndisturbed(tabs);
});

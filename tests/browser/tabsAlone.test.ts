import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReferenceServerOptions } from '../server/serverOptions';
import { launchChromium } from './harness/launchChromium';
import {
  adasTab,
  assertUndisturbed,
  inProfile,
  isOpen,
  sharedToken,
  type Tab,
  type TabStage,
} from './tabStage';

/** What browsers and pages do not give: each tab goes on with what is left. */

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
});

/** Plays with tabs in whose pages this ran before any script of ours. */
function playWithout(
  prepare: () => void,
  count: number,
  server: ReferenceServerOptions,
  play: (tabs: Tab[], stage: TabStage) => Promise<void>,
): Promise<void> {
  return inProfile(chromium, server, async (stage, context) => {
    await context.addInitScript(prepare);
    await play(await stage.openTabs(context, count), stage);
  });
}

/** All tabs have another token than at first, on the link that they have. */
async function expectRenewed(
  { server }: TabStage,
  tabs: readonly Tab[],
  before: readonly (string | null)[],
): Promise<void> {
  await server.waitFor(({ refreshFrames }) => refreshFrames.acked >= tabs.length, 8_000);
  const after = await Promise.all(tabs.map(tab => tab.fingerprint()));
  for (const [index, token] of after.entries()) expect(token).not.toBe(before[index]);
  for (const tab of tabs) expect(await tab.status()).toMatchObject({ link: 'open', connection: 1 });
  expect(server.stats()).toMatchObject({ unauthorized: {}, authCloses: {}, familiesRevoked: 0 });
  assertUndisturbed(tabs);
}

const fingerprints = (tabs: readonly Tab[]) => Promise.all(tabs.map(tab => tab.fingerprint()));

it('M05 tabs without Web Locks still share their token, and each has a fresh one in time', () =>
  playWithout(
    () => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }),
    3,
    { accessTtlMs: 4_000 },
    async (tabs, stage) => {
      expect(await tabs[0]!.page.evaluate(() => navigator.locks as unknown)).toBeUndefined();
      const from = stage.refreshRequests().length;
      await expectRenewed(stage, tabs, await fingerprints(tabs));
      await sharedToken(tabs);
      // Nobody takes turns; the moments at which they ask are spread, and whoever comes later finds the token there.
      expect(stage.refreshRequests().length - from).toBeLessThanOrEqual(tabs.length);
    },
  ));

it('M05 a page of an opaque origin, where locks answer with a SecurityError and no cookie is sent, works alone', () =>
  inProfile(
    chromium,
    { allowedOrigins: ['null'] },
    async (stage, context) => {
      const page = await context.newPage();
      await page.exposeFunction('askTest', async () => (await stage.server.issueToken('ada')).token);
      const tab = await stage.openTab(page, { ...adasTab, source: 'test' });
      const refusal = await page.evaluate(() =>
        navigator.locks.request('any', () => 'granted').catch((error: Error) => error.name),
      );
      expect(refusal).toBe('SecurityError');
      const before = await tab.fingerprint();
      expect(await tab.refresh()).not.toBe(before);
      await stage.server.waitFor(({ refreshFrames }) => refreshFrames.acked === 1);
      expect(isOpen(await tab.status())).toBe(true);
      assertUndisturbed([tab]);
    },
    // A module script is fetched across origins from there.
    { headers: { 'content-security-policy': 'sandbox allow-scripts', 'access-control-allow-origin': '*' } },
  ));

it('M06 tabs without BroadcastChannel refresh each for itself, one after the other, on a cookie that works once', () =>
  playWithout(
    () => Reflect.deleteProperty(globalThis, 'BroadcastChannel'),
    3,
    { accessTtlMs: 5_000, refreshGraceMs: 0 },
    async (tabs, stage) => {
      expect(await tabs[0]!.page.evaluate(() => typeof BroadcastChannel)).toBe('undefined');
      const before = await fingerprints(tabs);
      expect(new Set(before).size).toBe(3);
      await expectRenewed(stage, tabs, before);
      expect(stage.server.stats().replays).toBe(0);
    },
  ));

it('M06 a BroadcastChannel that throws on every message leaves each tab on its own', () =>
  playWithout(
    () => {
      BroadcastChannel.prototype.postMessage = () => {
        throw new DOMException('closed', 'InvalidStateError');
      };
    },
    2,
    { refreshGraceMs: 0 },
    async (tabs, stage) => {
      const before = await fingerprints(tabs);
      await Promise.all(tabs.map(tab => tab.refresh()));
      await expectRenewed(stage, tabs, before);
      expect(stage.server.stats().replays).toBe(0);
    },
  ));

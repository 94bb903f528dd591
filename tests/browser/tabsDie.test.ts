import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './harness/launchChromium';
import { assertUndisturbed, inBackground, inProfile, sharedToken, type Tab } from './tabStage';

/** What a loaded machine may add to a time that the package promises. */
const slackMs = 1_000;

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
});

const kill = {
  closed: (tab: Tab) => tab.page.close(),
  async crashed(tab: Tab) {
    const crashed = new Promise(resolve => tab.page.once('crash', resolve));
    // The command is never answered: there is nobody left to do so.
    void inBackground(tab.session.send('Page.crash'));
    await crashed;
  },
};

const deaths = {
  'has not reached the server': { fault: { kind: 'hang', count: 1 }, graceMs: 0 },
  // The server has rotated the cookie and its answer is lost: the grace of the cookie before absorbs that.
  'has rotated the cookie': {
    fault: { kind: 'slow', when: 'after', latencyMs: 20_000, count: 1 },
    graceMs: 10_000,
  },
} as const;

it.each([
  ['closed', 'has not reached the server'],
  ['crashed', 'has not reached the server'],
  ['crashed', 'has rotated the cookie'],
] as const)(
  'S2-B M02 the refreshing tab is %s when its request %s: the others have a fresh token within 2 s, on one session',
  (how, when) => {
    const { fault, graceMs } = deaths[when];
    return inProfile(chromium, { accessTtlMs: 6_000, refreshGraceMs: graceMs }, async (stage, context) => {
      const tabs = await stage.openTabs(context, 4);
      const old = await sharedToken(tabs);
      const marks = tabs.map(tab => tab.mark());
      stage.server.faults.set('/auth/refresh', fault);
      // Whoever comes first.
      const leader = await Promise.race(
        tabs.map((tab, index) => tab.waitFor('token.asked', { from: marks[index]! }).then(() => tab)),
      );
      await stage.server.waitFor(({ faultsServed }) => faultsServed[`/auth/refresh ${fault.kind}`] === 1);
      const killedAt = Date.now();
      await kill[how](leader);
      const others = tabs.filter(tab => tab !== leader);
      await sharedToken(others, { timeoutMs: 5_000, former: old });
      expect(Date.now() - killedAt).toBeLessThanOrEqual(2_000 + slackMs);

      const { familiesRevoked, graces, refreshes, unauthorized, authCloses } = stage.server.stats();
      expect({ familiesRevoked, unauthorized, authCloses }).toEqual({
        familiesRevoked: 0,
        unauthorized: {},
        authCloses: {},
      });
      const isRotated = graceMs > 0;
      expect({ graces, refreshes }).toEqual(
        isRotated ? { graces: 1, refreshes: 3 } : { graces: 0, refreshes: 2 },
      );
      for (const tab of others) expect(await tab.status()).toMatchObject({ link: 'open', connection: 1 });
      assertUndisturbed(others);
    });
  },
);

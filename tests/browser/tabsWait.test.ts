import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './harness/launchChromium';
import { assertUndisturbed, inBackground, inProfile, sharedToken, type Tab } from './tabStage';

/** Nobody waits longer for a turn, and then hesitates for up to this long. */
const turnMs = 5_000;
const hesitationMs = 500;

/** What a loaded machine may add to a time that the package promises. */
const slackMs = 1_000;

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
});

function expectWait(waitedMs: number): void {
  expect(waitedMs).toBeGreaterThanOrEqual(turnMs - 50);
  expect(waitedMs).toBeLessThanOrEqual(turnMs + hesitationMs + slackMs);
}

it.concurrent(
  'S2-B M03 a tab whose script stalls while it refreshes keeps the others waiting for 5 s at most, on one session',
  () =>
    // Grace 0: the cookie that the stalled request brings is the one that the others use.
    inProfile(chromium, { refreshGraceMs: 0 }, async (stage, context) => {
      const tabs = await stage.openTabs(context, 3);
      const [first, second, stalled] = tabs as [Tab, Tab, Tab];
      const old = await sharedToken(tabs);
      stage.server.faults.set('/auth/refresh', { kind: 'slow', latencyMs: 300, count: 1 });
      const late = inBackground(stalled.refresh());
      await stage.server.waitFor(({ faultsServed }) => faultsServed['/auth/refresh slow'] === 1);
      const stall = inBackground(
        stalled.page.evaluate(ms => {
          const end = performance.now() + ms;
          while (performance.now() < end);
        }, turnMs + 2_000),
      );
      const askedAt = Date.now();
      await Promise.all([first, second].map(tab => tab.refresh()));
      expectWait(Date.now() - askedAt);
      await stall;
      await late;
      // The stalled tab's own answer is older by now; it ends with the token of the others, as they do.
      expect(await sharedToken(tabs)).not.toBe(old);
      expect(stage.server.stats()).toMatchObject({ familiesRevoked: 0, replays: 0, unauthorized: {} });
      assertUndisturbed(tabs);
    }),
);

it.concurrent(
  'M03 M04 a script that takes the lock and never gives it back costs a refresh 5 s, and nothing is stolen',
  () =>
    inProfile(chromium, {}, async (stage, context) => {
      const tabs = await stage.openTabs(context, 3);
      const [asking, , holder] = tabs as [Tab, Tab, Tab];
      const old = await sharedToken(tabs);
      const hold = await holder.page.evaluateHandle(
        () =>
          new Promise<{ isLost: boolean }>(resolve => {
            const state = { isLost: false };
            const body = () => {
              resolve(state);
              return new Promise(() => {});
            };
            navigator.locks.request(window.tab.sharedName(), body).catch(() => (state.isLost = true));
          }),
      );
      const askedAt = Date.now();
      const fresh = await asking.refresh();
      expectWait(Date.now() - askedAt);
      expect(fresh).not.toBe(old);
      expect(await sharedToken(tabs)).toBe(fresh);
      expect(stage.refreshRequests()).toHaveLength(2);
      expect(await hold.evaluate(({ isLost }) => isLost)).toBe(false);
      assertUndisturbed(tabs);
    }),
);

it.concurrent(
  'M05 a lock that is never granted keeps a tab from its first token for 5 s, and from nothing else',
  () =>
    inProfile(chromium, {}, async (stage, context) => {
      await context.addInitScript(() => {
        LockManager.prototype.request = () => new Promise(() => {});
      });
      const tab = await stage.openTab(context);
      const isRequest = ({ detail }: { detail?: unknown }) =>
        (detail as { type: string }).type === 'turn.requested';
      const [requested] = tab.find('note', { where: isRequest });
      const [asked] = tab.calls();
      expectWait(asked!.elapsed - requested!.elapsed);
      assertUndisturbed([tab]);
    }),
);

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './harness/launchChromium';
import { allowNetworkNoise } from './harness/stage';
import { isOpen, startScriptedStage, type ScriptedStage, type ScriptedTab } from './scriptedStage';

let chromium: Browser;
let stage: ScriptedStage;

beforeAll(async () => {
  chromium = await launchChromium();
  stage = await startScriptedStage({ accessTtlMs: 12_000, expiringSoonMs: 0, streamIntervalMs: 0 });
});

afterAll(async () => {
  await chromium?.close();
  await stage?.close();
});

async function inChromium(user: string, play: (tab: ScriptedTab) => Promise<void>): Promise<void> {
  const context = await chromium.newContext();
  try {
    const tab = await stage.open(context, { user });
    await play(tab);
    tab.assertUndisturbed();
    await tab.expectNoLeak();
  } finally {
    await context.close();
  }
}

it.concurrent('T01 X02 a source that rejects and throws at first is asked again until it answers', () =>
  inChromium('ada', async tab => {
    allowNetworkNoise(tab);
    await tab.script('reject', 'reject', 'reject', 'throw', 'throw');
    await tab.mount({ options: { reconnect: { minMs: 100 } } });
    const open = await tab.waitForStatus(isOpen);
    const asked = tab.find('token.asked');
    expect(asked.map(({ detail }) => (detail as { step: string }).step)).toEqual([
      ...['reject', 'reject', 'reject', 'throw', 'throw'],
      'endpoint',
    ]);
    // The ladder: half of 100 ms doubled each time, at least.
    const waits = asked.slice(1).map(({ elapsed }, index) => elapsed - asked[index]!.elapsed);
    for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(50 * 2 ** index - 5);
    expect(open.elapsed - asked.at(-1)!.elapsed).toBeLessThan(3_000);
    expect(tab.find('session.expired')).toEqual([]);
    expect(tab.find('unmounted')).toEqual([]);
    expect(tab.find('status').map(({ detail }) => (detail as { session: string }).session)).not.toContain(
      'signed-out',
    );
  }),
);

for (const step of ['null', 'undefined', 'empty'] as const) {
  it.concurrent(`T06 X02 a source that answers ${step} once after a wake costs neither token nor tree`, () =>
    inChromium(`user-${step}`, async tab => {
      const { page } = tab;
      await tab.mountOpen({ options: { reconnect: { minMs: 200 } } });
      const held = await page.evaluate(() => window.lab.client().getToken());
      await tab.script(step);
      const from = tab.mark();
      await page.evaluate(() => {
        document.dispatchEvent(new Event('visibilitychange'));
        window.dispatchEvent(new Event('focus'));
      });
      // The refresh at half of the token's life.
      await tab.waitFor('token.asked', { from });
      expect(await page.evaluate(() => window.lab.client().getToken())).toBe(held);
      // One later try by itself; its token is adopted in band.
      await tab.waitFor('token.asked', {
        from,
        where: ({ detail }) => (detail as { step: string }).step === 'endpoint',
      });
      await page.waitForFunction(async last => (await window.lab.client().getToken()) !== last, held, {
        polling: 50,
      });
      expect(tab.find('token.asked', { from })).toHaveLength(2);
      expect(await tab.status()).toMatchObject({ link: 'open', connection: 1, session: 'valid' });
      const sessions = tab
        .find('status', { from })
        .map(({ detail }) => (detail as { session: string }).session);
      expect(sessions.filter(session => !['valid', 'refreshing'].includes(session))).toEqual([]);
      expect(tab.find('unmounted')).toEqual([]);
      expect(tab.find('session.expired')).toEqual([]);
    }),
  );
}

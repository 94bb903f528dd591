import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './harness/launchChromium';
import { isOpen, startScriptedStage } from './scriptedStage';

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
});

it('R01 X01 X02 StrictMode at the root costs neither a second socket nor a line on the console', async () => {
  const stage = await startScriptedStage({ streamIntervalMs: 50 });
  const tab = await stage.open(await chromium.newContext());
  await tab.mountOpen({ strict: true });
  await tab.waitFor('message');
  // StrictMode did mount twice.
  expect(tab.find('mounted')).toHaveLength(2);
  expect(tab.find('socket.dialled')).toHaveLength(1);
  expect(stage.server.stats()).toMatchObject({ upgrades: 1, requests: { 'POST /auth/refresh': 1 } });
  expect(tab.console.lines).toEqual([]);
  tab.assertUndisturbed();
  await tab.expectNoLeak();
  await tab.page.context().close();
  await stage.close();
});

it('I03 a message of 16 MB is delivered whole and holds up the page for at most 200 ms per MB', async () => {
  const megabytes = 16;
  const stage = await startScriptedStage({ streamIntervalMs: 100 });
  const tab = await stage.open(await chromium.newContext());
  await tab.mountOpen();
  const stalls = await tab.page.evaluateHandle(() => {
    const worst = { ms: 0 };
    let last = performance.now();
    setInterval(() => {
      worst.ms = Math.max(worst.ms, performance.now() - last);
      last = performance.now();
    }, 10);
    return worst;
  });
  const from = tab.mark();
  await stage.server.control({ command: 'sendGarbage', kind: 'huge', bytes: megabytes * 1_000_000 });
  const isHuge = ({ detail }: { detail?: unknown }) => (detail as { type: string }).type === 'huge';
  const huge = await tab.waitFor('message', { from, where: isHuge, timeoutMs: 30_000 });
  const frameBytes = JSON.stringify({ type: 'huge', text: '' }).length + megabytes * 1_000_000;
  expect(huge.detail).toEqual({ type: 'huge', length: frameBytes });
  // What follows it comes, in the same link.
  await tab.waitFor('message', { where: ({ elapsed }) => elapsed > huge.elapsed });
  expect(await tab.status()).toMatchObject({ connection: 1, link: 'open' });
  expect((await stalls.jsonValue()).ms).toBeLessThan(200 * megabytes);
  expect(isOpen(await tab.status())).toBe(true);
  tab.assertUndisturbed();
  await tab.page.context().close();
  await stage.close();
});

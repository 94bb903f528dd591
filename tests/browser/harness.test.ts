import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchPlain, setLifecycle, type PlainChromium } from './harness/launchPlain';
import { pageHost, type PageHost } from './harness/pageHost';
import { recordPage, type PageRecorder } from './harness/recordPage';
import { canShimWallclock, wallclockShim, type WallclockShim } from './harness/wallclockShim';

let shim: WallclockShim | undefined;
let chromium: PlainChromium;
let host: PageHost;
let recorder: PageRecorder;

beforeAll(async () => {
  if (canShimWallclock()) shim = wallclockShim();
  chromium = await launchPlain(shim ? { env: shim.env } : {});
  host = await pageHost({ entry: 'blankPage.ts' });
  recorder = await recordPage(chromium.page);
  await chromium.page.goto(host.url);
  await recorder.waitFor('document.loaded');
});

afterAll(async () => {
  await chromium?.close();
  await host?.close();
  shim?.dispose();
});

const lifecycle = (name: string) => ({
  where: ({ detail }: { detail?: unknown }) => (detail as { name: string }).name === name,
});

it('a tab behind another is hidden, freezes, and comes back', async () => {
  const { page } = chromium;
  const other = await chromium.hideOthers();
  await recorder.waitFor('lifecycle', lifecycle('visibilitychange'));
  expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');
  await setLifecycle(recorder.session, 'frozen');
  await recorder.waitFor('lifecycle', lifecycle('freeze'));
  await setLifecycle(recorder.session, 'active');
  await recorder.waitFor('lifecycle', lifecycle('resume'));
  await page.bringToFront();
  await other.close();
  expect(await page.evaluate(() => document.visibilityState)).toBe('visible');
});

it('a stopped browser runs no timer and hears nothing of it', async () => {
  const { page } = chromium;
  await page.evaluate(() => {
    setTimeout(() => document.dispatchEvent(new Event('resume')), 500);
  });
  const from = recorder.mark();
  const wake = chromium.stop();
  await delay(1_500);
  expect(recorder.entries.slice(from)).toEqual([]);
  const wokeAt = Date.now();
  wake();
  const late = await recorder.waitFor('lifecycle', { from });
  expect(late.heardAt).toBeGreaterThanOrEqual(wokeAt);
  expect(recorder.find('lifecycle', { from }).map(({ detail }) => detail)).toEqual([
    { name: 'resume', visibility: 'visible' },
  ]);
});

it('a reload is recorded and loses no entry', async () => {
  const from = recorder.mark();
  await chromium.page.evaluate(() => window.location.reload());
  const loaded = await recorder.waitFor('document.loaded', { from });
  const [navigation] = recorder.find('navigation', { from });
  expect(navigation?.detail).toMatchObject({ type: 'reload' });
  expect(loaded.document).not.toBe(navigation?.document);
  expect(host.requests.filter(({ target }) => target === '/')).toHaveLength(2);
});

it.runIf(canShimWallclock())('the wall clock of the browser moves without its monotonic clock', async () => {
  const read = () => chromium.page.evaluate(() => ({ wall: Date.now(), elapsed: performance.now() }));
  const before = await read();
  shim?.setOffset(3_600);
  const after = await read();
  expect(after.wall - before.wall).toBeGreaterThanOrEqual(3_600_000);
  expect(after.elapsed - before.elapsed).toBeLessThan(10_000);
});

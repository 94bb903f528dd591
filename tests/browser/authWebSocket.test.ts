import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostEmptyPage, openChromiumStage } from '../conformance/chromiumStage';
import { rows } from '../conformance/rows';
import { perform } from '../conformance/stage';
import { expectedOf, silent } from '../websocket/lentStage';
import { expectedSurface } from '../websocket/expectedSurface';
import { readSurface } from '../websocket/surface';
import { bundlePage } from './harness/bundlePage';
import { launchChromium } from './harness/launchChromium';

let browser: Browser;
let context: BrowserContext;
let host: Awaited<ReturnType<typeof hostEmptyPage>>;
let bundle: string;

beforeAll(async () => {
  host = await hostEmptyPage();
  browser = await launchChromium();
  context = await browser.newContext();
  // As one expression, so that the page keeps nothing but what it leaves.
  bundle = `(() => {${await bundlePage({ entry: 'lentSocketPage.ts' })}})()`;
});

afterAll(async () => {
  await browser?.close();
  await host?.close();
});

for (const row of rows) {
  it.concurrent(`AuthWebSocket in Chromium behaves as its WebSocket: ${row.title}`, async () => {
    const stage = await openChromiumStage(context, host.url, 20_000, bundle);
    expect(silent(await perform(stage, row.script))).toEqual(expectedOf(row));
  });
}

it('I06 I07 an AuthWebSocket and the WebSocket of Chromium cannot be told apart by constants, attributes, errors and listeners', async () => {
  const page = await context.newPage();
  await page.goto(host.url);
  await page.evaluate(bundle);
  const surfaceOf = (name: string) =>
    page.evaluate(`(${readSurface.toString()})(${name}, ${JSON.stringify(host.url)})`);
  const real = await surfaceOf('WebSocket');
  expect(await surfaceOf('SocketOnStage')).toEqual(real);
  expect(real).toEqual(expectedSurface);
  await page.close();
});

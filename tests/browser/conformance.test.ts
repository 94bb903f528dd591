import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostEmptyPage, openChromiumStage } from '../conformance/chromiumStage';
import { openFakeStage } from '../conformance/fakeStage';
import { rows } from '../conformance/rows';
import { perform } from '../conformance/stage';
import { launchChromium } from './harness/launchChromium';

let browser: Browser;
let context: BrowserContext;
let host: Awaited<ReturnType<typeof hostEmptyPage>>;

beforeAll(async () => {
  host = await hostEmptyPage();
  browser = await launchChromium();
  context = await browser.newContext();
});

afterAll(async () => {
  await browser?.close();
  await host?.close();
});

for (const { title, script, client, peer } of rows) {
  it.concurrent(`Chromium and the fake WebSocket do the same: ${title}`, async () => {
    const real = await perform(await openChromiumStage(context, host.url), script);
    expect(real).toEqual({ client, peer });
    expect(await perform(openFakeStage(), script)).toEqual(real);
  });
}

import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../browser/harness/launchChromium';
import { startBenchServer } from './benchServer';
import { productionBundle } from './productionBundle';

export interface BenchStage {
  readonly browser: Browser;
  open(page: BenchPage): Promise<Page>;
  close(): Promise<void>;
}

export type BenchPage = 'stubPage' | 'wirePage';

/** A browser, and the pages of the bench behind a server on loopback. */
export async function startBenchStage(): Promise<BenchStage> {
  const [stubPage, wirePage] = await Promise.all([
    productionBundle('stubPage.ts'),
    productionBundle('wirePage.tsx'),
  ]);
  const server = await startBenchServer({ stubPage, wirePage } satisfies Record<BenchPage, string>);
  const browser = await launchChromium();
  return {
    browser,
    async open(name) {
      const page = await browser.newPage();
      page.on('pageerror', error => process.stderr.write(`${error.stack ?? error.message}\n`));
      await page.goto(`${server.url}/${name}`);
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import { startConvexStage } from './harness/convexStage';
import { launchPlain } from './harness/launchPlain';
import { wallclockShim } from './harness/wallclockShim';
import { closeLid, type LaptopSleep } from './laptopLid';
import { draftText, laptopLog } from './laptopLog';
import type { LaptopSleepReport } from './laptopSleep';

/** A page of AuthKit and Convex under the lid. */
export interface ConvexLaptop extends LaptopSleep {
  /** How the two are joined: as the template does, or with this package. */
  wiring: 'template' | 'ours';
}

export interface ConvexLaptopReport extends LaptopSleepReport {
  /** How long after the network was back the session had a token; null: not at all. */
  tokenAfterMs: number | null;
}

/** Convex tells of every dial itself. */
const toldByConvex = ['socket.dialled', 'socket.closed'];

/**
 * Plays the script with the real SDKs. The lid is closed two thirds into the second token: by then both have settled
 * into their habits.
 */
export async function playConvexLaptop(options: ConvexLaptop): Promise<ConvexLaptopReport> {
  const { wiring, tokenMs, clock = 'running' } = options;
  const shim = clock === 'suspended' ? wallclockShim() : undefined;
  const stage = await startConvexStage({
    entry: 'convexPage.tsx',
    replace: wiring === 'template' ? { './oursConvexClient': './templateConvexClient' } : {},
    tokenMs,
  });
  const chromium = await launchPlain(shim ? { env: shim.env } : {});

  try {
    const { page } = chromium;
    const tab = await stage.open(page);
    const startedAt = tab.find('document.loaded').at(-1)?.heardAt ?? Date.now();
    const log = laptopLog(tab, startedAt, toldByConvex);
    await tab.waitFor('message');
    await page.fill('#draft', draftText);

    await delay(Math.max(0, startedAt + (tokenMs * 5) / 3 - Date.now()));
    const { stoppedAt, backAt } = await closeLid({ ...stage, chromium, tab, shim }, options, log);

    const reopened = tab.find('message', { where: ({ heardAt }) => heardAt >= backAt })[0];
    const refreshes = stage.workos.requests.filter(({ at, what }) => at >= stoppedAt && what === 'refresh');
    const granted = refreshes.find(({ at, status }) => at >= backAt && status === 200);
    return {
      ...(await log.report(page)),
      refreshesAtMs: refreshes.map(({ at }) => at - backAt),
      tokenAfterMs: granted ? granted.at - backAt : null,
      openAfterMs: reopened ? reopened.heardAt - backAt : null,
    };
  } finally {
    await chromium.close();
    await stage.close();
    shim?.dispose();
  }
}

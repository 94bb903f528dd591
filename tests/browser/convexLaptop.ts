import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { startConvexStage } from './harness/convexStage';
import { launchPlain } from './harness/launchPlain';
import type { RecordedEntry } from './harness/recordPage';
import { wallclockShim } from './harness/wallclockShim';
import { draftText, seenOn, tellingRow, type LaptopSleep, type LaptopSleepReport } from './laptopSleep';
import type { ClientStatus } from './pages/clientSurface';

/** One closing and opening of a laptop lid over a page of AuthKit and Convex. */
export interface ConvexLaptop extends Omit<LaptopSleep, 'client'> {
  /** How the two are joined: as the template does, or with this package. */
  wiring: 'template' | 'ours';
}

export interface ConvexLaptopReport extends LaptopSleepReport {
  /** How long after the network was back the session had a token; null: not at all. */
  tokenAfterMs: number | null;
}

/**
 * Plays the script with the real SDKs. The lid is closed two thirds into the second token: by then both have settled
 * into their habits.
 */
export async function playConvexLaptop(options: ConvexLaptop): Promise<ConvexLaptopReport> {
  const { wiring, tokenMs, sleepMs, networkDeadMs, watchMs, wake, clock = 'running' } = options;
  const shim = clock === 'suspended' ? wallclockShim() : undefined;
  const stage = await startConvexStage({
    entry: 'convexPage.tsx',
    replace: wiring === 'template' ? { './oursConvexClient': './templateConvexClient' } : {},
    tokenMs,
  });
  const chromium = await launchPlain(shim ? { env: shim.env } : {});
  const rows: (LaptopSleepReport['timeline'][number] & { at: number })[] = [];
  let startedAt = Date.now();
  const note = (who: 'laptop' | 'network', what: string) => {
    const at = Date.now();
    rows.push({ at, atMs: at - startedAt, who, what });
    return at;
  };

  try {
    const { page } = chromium;
    const tab = await stage.open(page);
    startedAt = tab.find('document.loaded').at(-1)?.heardAt ?? startedAt;
    await tab.waitFor('message');
    await page.fill('#draft', draftText);

    await delay(Math.max(0, startedAt + (tokenMs * 5) / 3 - Date.now()));
    if (wake !== 'silent') await chromium.hideOthers();
    const stoppedAt = note('laptop', `sleeps for ${sleepMs / 1000} s`);
    const wakeUp = chromium.stop();
    if (shim) {
      const shortStopMs = 2_000;
      await delay(shortStopMs);
      shim.setOffset((sleepMs - shortStopMs) / 1000);
      stage.jumpClock(sleepMs - shortStopMs);
    } else await delay(sleepMs);

    await stage.cutNetwork();
    note('network', 'nothing can be reached');
    note('laptop', 'wakes up');
    wakeUp();
    const setOnline = (isOnline: boolean) =>
      tab.session.send('Network.overrideNetworkState', {
        offline: !isOnline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
    if (wake === 'offline') await setOnline(false);
    if (wake !== 'silent') await comeBack(page, wake);
    await delay(networkDeadMs);
    await stage.mendNetwork();
    const backAt = note('network', 'is back');
    if (wake === 'offline') await setOnline(true);
    await delay(watchMs);
    note('laptop', 'end of the run');

    const reopened = tab.find('message', { where: ({ heardAt }) => heardAt >= backAt })[0];
    const refreshes = stage.workos.requests.filter(({ at, what }) => at >= stoppedAt && what === 'refresh');
    const granted = refreshes.find(({ at, status }) => at >= backAt && status === 200);
    const statuses = tab.find('status').map(({ detail }) => detail as ClientStatus);
    return {
      mounts: tab.find('mounted').length,
      signOuts: statuses.filter(
        (status, index) => statuses[index - 1]?.isAuthenticated && !status.isAuthenticated,
      ).length,
      reloads: tab.find('navigation').length,
      refreshesAtMs: refreshes.map(({ at }) => at - backAt),
      tokenAfterMs: granted ? granted.at - backAt : null,
      openAfterMs: reopened ? reopened.heardAt - backAt : null,
      draft: await page.inputValue('#draft', { timeout: 500 }).catch(() => null),
      screen: await seenOn(page),
      timeline: [...rows, ...tab.entries.flatMap(entry => row(entry, startedAt))].sort(
        (one, other) => one.at - other.at,
      ),
    };
  } finally {
    await chromium.close();
    await stage.close();
    shim?.dispose();
  }
}

/** All that a tab hears when its user is back. */
async function comeBack(page: Page, wake: ConvexLaptop['wake']): Promise<void> {
  await page.bringToFront();
  await page
    .evaluate(told => {
      window.dispatchEvent(new PageTransitionEvent('pageshow'));
      if (told === 'events') window.dispatchEvent(new Event('online'));
    }, wake)
    .catch(() => {
      // The page may be on its way elsewhere already.
    });
}

/** Convex tells of every dial itself. */
function row(entry: RecordedEntry, startedAt: number) {
  return entry.kind.startsWith('socket.') ? [] : tellingRow(entry, startedAt);
}

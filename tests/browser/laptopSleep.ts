import { setTimeout as delay } from 'node:timers/promises';
import { launchPlain } from './harness/launchPlain';
import type { RecordedEntry } from './harness/recordPage';
import { startStage } from './harness/stage';
import { wallclockShim } from './harness/wallclockShim';
import { closeLid, type LaptopSleep } from './laptopLid';
import { draftText, laptopLog, statusOf, type LaptopReport } from './laptopLog';
import type { ClientSettings } from './pages/clientSurface';

export interface LaptopSleepOf extends LaptopSleep {
  client: 'plain' | 'ours';
}

export interface LaptopSleepReport extends LaptopReport {
  /** When token requests reached the server, from the stop until the end; relative to the return of the network. */
  refreshesAtMs: readonly number[];
  /** How long after the network was back messages could flow; null: not at all. */
  openAfterMs: number | null;
}

/** Plays the script to one of the two clients and tells what became of the user. */
export async function playLaptopSleep(options: LaptopSleepOf): Promise<LaptopSleepReport> {
  const { client, tokenMs, clock = 'running' } = options;
  const shim = clock === 'suspended' ? wallclockShim() : undefined;
  const stage = await startStage({
    entry: 'sessionPage.tsx',
    replace: client === 'plain' ? { './ourClient': './plainClient' } : {},
    server: { accessTtlMs: tokenMs, streamIntervalMs: 500 },
  });
  const chromium = await launchPlain(shim ? { env: shim.env } : {});
  const settings: ClientSettings = { scale: tokenMs / 60_000 };

  try {
    const { page } = chromium;
    const search = `?settings=${encodeURIComponent(JSON.stringify(settings))}`;
    const tab = await stage.open(page, { search });
    const startedAt = tab.find('document.loaded').at(-1)?.heardAt ?? Date.now();
    const log = laptopLog(tab, startedAt);
    await tab.waitFor('status', { where: isOpen });
    await page.fill('#draft', draftText);

    // Two thirds into the first token: its refresh, if the client has one by then, is over.
    await delay(Math.max(0, startedAt + (tokenMs * 2) / 3 - Date.now()));
    const { stoppedAt, backAt } = await closeLid(
      {
        chromium,
        tab,
        shim,
        jumpClock: ms => stage.server.control({ command: 'jumpClock', ms }),
        cutNetwork: () => stage.network.stop(),
        mendNetwork: () => stage.network.restart(),
      },
      options,
      log,
    );

    const reopened = tab.find('status', { where: entry => entry.heardAt >= backAt && isOpen(entry) })[0];
    return {
      ...(await log.report(page)),
      refreshesAtMs: stage.host.requests
        .filter(
          ({ at, method, target }) => at >= stoppedAt && method === 'POST' && target === '/auth/refresh',
        )
        .map(({ at }) => at - backAt),
      openAfterMs: reopened ? reopened.heardAt - backAt : null,
    };
  } finally {
    await chromium.close();
    await stage.close();
    shim?.dispose();
  }
}

const isOpen = (entry: RecordedEntry) => statusOf(entry).isOpen;

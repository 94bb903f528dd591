import { setTimeout as delay } from 'node:timers/promises';
import { launchPlain } from './harness/launchPlain';
import { describeEntry, type RecordedEntry } from './harness/recordPage';
import { startStage } from './harness/stage';
import { wallclockShim } from './harness/wallclockShim';
import type { ClientSettings, ClientStatus } from './pages/clientSurface';

/** One closing and opening of a laptop lid. */
export interface LaptopSleep {
  client: 'plain' | 'ours';
  /** Life of an access token. A client's own habits are scaled by its ratio to 60 s. */
  tokenMs: number;
  sleepMs: number;
  /** How long after the wake nothing can be reached. */
  networkDeadMs: number;
  /** How long is watched after the network is back. */
  watchMs: number;
  /**
   * 'silent': the tab stays in front and hears nothing. 'events': it hears visibilitychange, focus, pageshow and
   * online at once. 'offline': it hears the first three, and is told that it is offline until the network is back.
   */
  wake: 'silent' | 'events' | 'offline';
  /** 'suspended': the monotonic clock stands still meanwhile, as in a real suspend; the sleep is then not waited for. */
  clock?: 'running' | 'suspended';
}

export interface LaptopSleepReport {
  /** How often the signed-in part of the page was mounted. */
  mounts: number;
  /** How often the user went from signed in to not signed in. */
  signOuts: number;
  reloads: number;
  /** When token requests reached the server, from the stop until the end; relative to the return of the network. */
  refreshesAtMs: readonly number[];
  /** How long after the network was back messages could flow; null: not at all. */
  openAfterMs: number | null;
  /** What the user had typed before the sleep, if it is still there. */
  draft: string | null;
  /** What the user sees at the end. */
  screen: string;
  timeline: readonly TimelineRow[];
}

export interface TimelineRow {
  /** Since the page was opened. */
  atMs: number;
  who: 'laptop' | 'network' | 'page';
  what: string;
}

/** What the user types before the lid is closed. */
export const draftText = 'Dear all, ';

/** Plays the script to one of the two clients and tells what became of the user. */
export async function playLaptopSleep(options: LaptopSleep): Promise<LaptopSleepReport> {
  const { client, tokenMs, sleepMs, networkDeadMs, watchMs, wake, clock = 'running' } = options;
  const shim = clock === 'suspended' ? wallclockShim() : undefined;
  const stage = await startStage({
    entry: 'sessionPage.tsx',
    replace: client === 'plain' ? { './ourClient': './plainClient' } : {},
    server: { accessTtlMs: tokenMs, streamIntervalMs: 500 },
  });
  const chromium = await launchPlain(shim ? { env: shim.env } : {});
  const settings: ClientSettings = { scale: tokenMs / 60_000 };
  const rows: (TimelineRow & { at: number })[] = [];
  let startedAt = Date.now();
  const note = (who: TimelineRow['who'], what: string) => {
    const at = Date.now();
    rows.push({ at, atMs: at - startedAt, who, what });
    return at;
  };

  try {
    const search = `?settings=${encodeURIComponent(JSON.stringify(settings))}`;
    const tab = await stage.open(chromium.page, { search });
    const { page, session } = tab;
    startedAt = tab.find('document.loaded').at(-1)?.heardAt ?? startedAt;
    await tab.waitFor('status', { where: isOpen });
    await page.fill('#draft', draftText);

    // Two thirds into the first token: its refresh, if the client has one by then, is over.
    await delay(Math.max(0, startedAt + (tokenMs * 2) / 3 - Date.now()));
    if (wake !== 'silent') await chromium.hideOthers();
    const stoppedAt = note('laptop', `sleeps for ${sleepMs / 1000} s`);
    const wakeUp = chromium.stop();
    if (shim) {
      const shortStopMs = 2_000;
      await delay(shortStopMs);
      const jumpMs = sleepMs - shortStopMs;
      shim.setOffset(jumpMs / 1000);
      await stage.server.control({ command: 'jumpClock', ms: jumpMs });
    } else await delay(sleepMs);

    await stage.network.stop();
    note('network', 'nothing can be reached');
    note('laptop', 'wakes up');
    wakeUp();
    if (wake === 'offline') await setOnline(false);
    if (wake !== 'silent') {
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
    await delay(networkDeadMs);
    await stage.network.restart();
    const backAt = note('network', 'is back');
    if (wake === 'offline') await setOnline(true);
    await delay(watchMs);
    note('laptop', 'end of the run');

    async function setOnline(isOnline: boolean): Promise<void> {
      await session.send('Network.overrideNetworkState', {
        offline: !isOnline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
    }

    const reopened = tab.find('status', { where: entry => entry.heardAt >= backAt && isOpen(entry) })[0];
    const statuses = tab.find('status').map(statusOf);
    return {
      mounts: tab.find('mounted').length,
      signOuts: statuses.filter(
        (status, index) => statuses[index - 1]?.isAuthenticated && !status.isAuthenticated,
      ).length,
      reloads: tab.find('navigation', {
        where: ({ detail }) => (detail as { type: string }).type === 'reload',
      }).length,
      refreshesAtMs: stage.host.requests
        .filter(
          ({ at, method, target }) => at >= stoppedAt && method === 'POST' && target === '/auth/refresh',
        )
        .map(({ at }) => at - backAt),
      openAfterMs: reopened ? reopened.heardAt - backAt : null,
      draft: await page.inputValue('#draft', { timeout: 500 }).catch(() => null),
      screen: await seenOn(page),
      timeline: [...rows, ...tab.entries.flatMap(entry => tellingRow(entry, startedAt))].sort(
        (one, other) => one.at - other.at,
      ),
    };
  } finally {
    await chromium.close();
    await stage.close();
    shim?.dispose();
  }
}

/** The timeline as a table of plain text. */
export function timelineTable({ timeline }: LaptopSleepReport): string {
  return timeline
    .map(({ atMs, who, what }) => `${(atMs / 1000).toFixed(2).padStart(8)} s  ${who.padEnd(8)} ${what}`)
    .join('\n');
}

const statusOf = ({ detail }: RecordedEntry) => detail as ClientStatus;
const isOpen = (entry: RecordedEntry) => statusOf(entry).isOpen;

/** The first line of what the user sees. */
export async function seenOn(page: {
  url(): string;
  innerText(selector: string, options: object): Promise<string>;
}) {
  if (page.url().startsWith('chrome-error:')) return `the browser's own error page`;
  const text = await page.innerText('#root', { timeout: 500 }).catch(() => '');
  return text.split('\n')[0] || `the browser's own error page`;
}

/** What a reader wants to know of the page's log. */
export function tellingRow(entry: RecordedEntry, startedAt: number): (TimelineRow & { at: number })[] {
  const { kind, detail, heardAt } = entry;
  const row = (what: string) => [{ at: heardAt, atMs: heardAt - startedAt, who: 'page' as const, what }];
  switch (kind) {
    case 'status': {
      const { isLoading, isAuthenticated, isOpen: isLive } = statusOf(entry);
      const user = isLoading ? 'not known yet' : isAuthenticated ? 'signed in' : 'SIGNED OUT';
      return row(`user ${user}, link ${isLive ? 'open' : 'down'}`);
    }
    case 'mounted':
      return row('inbox appears');
    case 'unmounted':
      return row('INBOX IS TAKEN DOWN, the draft with it');
    case 'navigation':
      return row(`THE PAGE ${String((detail as { type: string }).type).toUpperCase()}S ITSELF`);
    case 'note':
      return typeof detail === 'string' ? row(detail) : [];
    case 'lifecycle':
    case 'document.loaded':
    case 'socket.dialled':
    case 'socket.closed':
      return row(describeEntry(entry).slice(10));
    default:
      return [];
  }
}

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import type { SocketStatus } from '../../src/index';
import type { ReferenceServerOptions } from '../server/serverOptions';
import type { PlainChromium } from './harness/launchPlain';
import type { PageHostOptions } from './harness/pageHost';
import type { RecordedEntry } from './harness/recordPage';
import { startStage, type Stage, type StagePage } from './harness/stage';
import type { TabSettings } from './pages/tabSurface';

/** A stage for several tabs that share one login. */
export interface TabStage extends Stage {
  /** One login for all tabs of this context, as a user types it once. */
  logIn(context: BrowserContext, user?: string): Promise<void>;
  /** Opens a tab of the session that its context is logged in to, and waits for the open link. */
  openTab(where: BrowserContext | Page, settings?: TabSettings): Promise<Tab>;
  /** Opens so many at once; the first is in front. */
  openTabs(context: BrowserContext, count: number, settings?: TabSettings): Promise<Tab[]>;
  /** The requests for a token that got as far as the page's host, oldest first. */
  refreshRequests(): { at: number; status: number | null }[];
}

export interface Tab extends StagePage {
  status(): Promise<SocketStatus>;
  /** The next status of which this is true, from position `from` of the log on. */
  waitForStatus(isMet: (status: SocketStatus) => boolean, from?: number): Promise<RecordedEntry>;
  /** Short hash of the token in hand. */
  fingerprint(): Promise<string | null>;
  /** Asks for another token and waits until it is there; answers its hash. */
  refresh(): Promise<string>;
  /** Calls of the token source, from a position of the log on. */
  calls(from?: number): readonly RecordedEntry[];
  /** How the session ended here. */
  ends(): readonly unknown[];
}

/** What every tab of these tests is: signed in as ada, and says so. */
export const adasTab: TabSettings = { sessionKey: 'ada' };

export const isOpen = ({ link }: SocketStatus): boolean => link === 'open';

export async function startTabStage(
  server: ReferenceServerOptions = {},
  { headers }: Pick<PageHostOptions, 'headers'> = {},
): Promise<TabStage> {
  const stage = await startStage({
    entry: 'tabPage.tsx',
    server: { streamIntervalMs: 0, ...server },
    ...(headers && { headers }),
  });

  const openTab: TabStage['openTab'] = async (where, settings = adasTab) => {
    const search = `?settings=${encodeURIComponent(JSON.stringify(settings))}`;
    const opened = await stage.open(where, { user: null, search });
    const { page, find, waitFor } = opened;
    const tab: Tab = {
      ...opened,
      status: () => page.evaluate(() => window.tab.client().getStatus()),
      waitForStatus: (isMet, from = 0) =>
        waitFor('status', {
          from,
          timeoutMs: 20_000,
          where: ({ detail }) => isMet(detail as SocketStatus),
        }),
      fingerprint: () => page.evaluate(() => window.tab.fingerprint()),
      refresh: () => page.evaluate(() => window.tab.refresh()),
      calls: (from = 0) => find('token.asked', { from }),
      ends: () => find('session.expired').map(({ detail }) => detail),
    };
    await tab.waitForStatus(isOpen);
    return tab;
  };

  return {
    ...stage,
    async logIn(context, user = 'ada') {
      const answer = await context.request.post(`${stage.url}auth/login`, { data: { user } });
      expect(answer.ok()).toBe(true);
    },
    openTab,
    async openTabs(context, count, settings) {
      const pages = [];
      for (let n = 0; n < count; n += 1) pages.push(await context.newPage());
      await pages[0]!.bringToFront();
      return Promise.all(pages.map(page => openTab(page, settings)));
    },
    refreshRequests: () =>
      stage.host.requests
        .filter(({ target }) => target === '/auth/refresh')
        .map(({ at, status }) => ({ at, status })),
  };
}

/** The token that all of these tabs hold; waits until they agree on one, and on another than `former`. */
export async function sharedToken(
  tabs: readonly Tab[],
  { timeoutMs = 5_000, former = null }: { timeoutMs?: number; former?: string | null } = {},
): Promise<string> {
  const held = async () => {
    const [token, ...others] = await Promise.all(tabs.map(tab => tab.fingerprint()));
    if (!token || token === former || others.some(other => other !== token))
      throw new Error(`The tabs hold ${String([token, ...others])}.`);
    return token;
  };
  return vi.waitFor(held, { timeout: timeoutMs, interval: 20 });
}

/** Goes back to a page in the back/forward cache; answers the moment of its return. */
export async function returnTo(tab: Tab): Promise<RecordedEntry> {
  const from = tab.mark();
  // The driver waits for a load event, which a restored page does not have.
  await tab.page.goBack({ waitUntil: 'commit' }).catch(() => {});
  await tab.pull();
  const isPageshow = ({ detail }: RecordedEntry) => (detail as { name: string }).name === 'pageshow';
  const restored = await tab.waitFor('lifecycle', { from, where: isPageshow });
  expect(restored.detail).toMatchObject({ persisted: true });
  return restored;
}

/** Plays on a stage and in a browser profile of its own, so that several can be played at once. */
export async function inProfile(
  chromium: Browser,
  server: ReferenceServerOptions,
  play: (stage: TabStage, context: BrowserContext) => Promise<void>,
  pageOptions?: Pick<PageHostOptions, 'headers'>,
): Promise<void> {
  const stage = await startTabStage(server, pageOptions);
  const context = await chromium.newContext();
  try {
    await stage.logIn(context);
    await play(stage, context);
  } finally {
    await context.close();
    await stage.close();
  }
}

/** Closes every tab but the one the browser needs to stay. */
export async function closeTabs({ context, page }: PlainChromium): Promise<void> {
  const tabs = context.pages().filter(one => one !== page);
  await Promise.all(tabs.map(tab => tab.close()));
}

/** Awaited later; should the test end before, its failure is no news. */
export function inBackground<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

/** Nothing printed, nothing rejected, nobody signed out, in none of the tabs. */
export function assertUndisturbed(tabs: readonly Tab[]): void {
  for (const tab of tabs) {
    tab.assertUndisturbed();
    expect(tab.ends()).toEqual([]);
  }
}

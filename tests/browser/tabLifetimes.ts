import { setTimeout as delay } from 'node:timers/promises';
import type { PlainChromium } from './harness/launchPlain';
import { startTabStage } from './tabStage';

/** A browser with several tabs of one user, whose server lets that user hold only a few tokens. */
export interface TabLifetimes {
  /** 'separate': each tab gets its own tokens, as without this package. */
  mode: 'separate' | 'share' | 'signal';
  tabs: number;
  /** How many tokens follow one another in one tab meanwhile. */
  lifetimes: number;
  /** Live tokens that one user may hold. @default 5 */
  tokensPerUser?: number;
  /** @default 3_000 */
  tokenMs?: number;
}

export interface TabLifetimesReport {
  watchedMs: number;
  /** Refreshes that the server answered with a token. */
  refreshes: number;
  /** Times between them. */
  gapsMs: readonly number[];
  /** Tokens that were taken from a tab because another got one. */
  evictions: number;
  /** Requests of the application that were answered with 401. */
  unauthorized: number;
  requests: number;
  /** Sockets that the server closed over their token. */
  authCloses: number;
  /** Links opened after each tab had its first. */
  reconnects: number;
  /** Tokens of one user that were alive at once. */
  liveTokens: number;
  familiesRevoked: number;
  /** Tabs in which the user ended up signed out. */
  signOuts: number;
  /** Console lines that are not the browser's own word on a 401. */
  printed: readonly string[];
}

/** A third of a life ahead of the end, where the real thing has a minute of fifteen: a loaded machine needs slack. */
const leadShare = 1 / 3;

/** Half of the width by which a lead varies. */
const meanJitter = 1.05;

/** The time from one refresh to the next, on an idle machine. */
export function refreshEveryMs(tokenMs: number): number {
  return tokenMs * (1 - leadShare * meanJitter);
}

/** Lets the tabs live for so long and tells what it cost. */
export async function playTabLifetimes(
  chromium: PlainChromium,
  { mode, tabs: count, lifetimes, tokensPerUser = 5, tokenMs = 3_000 }: TabLifetimes,
): Promise<TabLifetimesReport> {
  const stage = await startTabStage({ accessTtlMs: tokenMs, tokensPerUser });
  const { context } = chromium;
  try {
    await stage.logIn(context);
    const loggedInAt = Date.now();
    const tabs = await stage.openTabs(context, count, {
      sessionKey: 'ada',
      requestMs: 500,
      options: { tabs: mode, refreshLeadMs: tokenMs * leadShare },
    });
    // What it takes to come up is not what is measured, nor is the login's own token, which nobody uses.
    await delay(Math.max(0, loggedInAt + tokenMs - Date.now()));
    await stage.server.control({ command: 'resetStats' });
    const from = stage.refreshRequests().length;
    const startedAt = Date.now();
    await delay(lifetimes * refreshEveryMs(tokenMs));
    const stats = stage.server.stats();
    const watchedMs = Date.now() - startedAt;
    const times = stage.refreshRequests().map(({ at }) => at);
    const own401 = /^error: Failed to load resource: .* 401 /;
    const report: TabLifetimesReport = {
      watchedMs,
      refreshes: stats.refreshes,
      gapsMs: times.slice(from).map((at, index) => at - times[from + index - 1]!),
      evictions: stats.evictions,
      unauthorized: sum(stats.unauthorized),
      requests: stats.requests['GET /api/me'] ?? 0,
      authCloses: sum(stats.authCloses),
      reconnects: stats.upgrades,
      liveTokens: stats.liveTokens.maxPerUser,
      familiesRevoked: stats.familiesRevoked,
      signOuts: tabs.filter(tab => tab.ends().length > 0).length,
      printed: tabs.flatMap(tab => tab.console.lines.filter(line => !own401.test(line))),
    };
    await Promise.all(tabs.map(({ page }) => page.close()));
    return report;
  } finally {
    await stage.close();
  }
}

function sum(counters: Readonly<Record<string, number>>): number {
  return Object.values(counters).reduce((total, count) => total + count, 0);
}

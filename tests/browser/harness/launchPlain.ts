import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from 'playwright-core';
import { findChromium } from '../../tools/findChromium';
import { chromiumFlags } from './chromiumFlags';
import { killTree, stopTree } from './processTree';

export interface PlainChromiumOptions {
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** A Chromium that nobody pretends anything to: tabs are really hidden, freeze, and enter the back/forward cache. */
export interface PlainChromium {
  readonly browser: Browser;
  readonly context: BrowserContext;
  /** The tab it started with. */
  readonly page: Page;
  /** Stops every process of the browser, as a sleeping machine does. The answer wakes them. */
  stop(): () => void;
  /** Brings another, empty tab to the front, so that the others are hidden. */
  hideOthers(): Promise<Page>;
  close(): Promise<void>;
}

const startDeadlineMs = 30_000;

/** Starts the browser on its own and only then attaches to it, without any of the driver's emulations. */
export async function launchPlain({
  args = [],
  env = {},
}: PlainChromiumOptions = {}): Promise<PlainChromium> {
  const profile = mkdtempSync(join(tmpdir(), 'browser-profile-'));
  const child = spawn(
    findChromium(),
    [
      '--headless',
      ...chromiumFlags,
      ...args,
      `--user-data-dir=${profile}`,
      '--remote-debugging-port=0',
      'about:blank',
    ],
    { stdio: 'ignore', env: { ...process.env, ...env } },
  );
  const pid = child.pid;
  if (pid === undefined) throw new Error('Chromium did not start.');
  const kill = () => killTree(pid);
  process.once('exit', kill);

  async function close(): Promise<void> {
    await browser?.close().catch(() => {});
    killTree(pid!);
    process.off('exit', kill);
    if (child.exitCode === null && child.signalCode === null)
      await Promise.race([
        new Promise(resolve => child.once('exit', resolve)),
        delay(5_000, undefined, { ref: false }),
      ]);
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  let browser: Browser | undefined;
  try {
    const port = await debuggingPort(profile);
    browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  } catch (error) {
    await close();
    throw error;
  }
  const context = browser.contexts()[0]!;
  return {
    browser,
    context,
    page: context.pages()[0] ?? (await context.newPage()),
    stop: () => stopTree(pid),
    async hideOthers() {
      const other = await context.newPage();
      await other.bringToFront();
      return other;
    },
    close,
  };
}

/** Freezes a hidden tab, or thaws it, as the browser does to save energy. */
export async function setLifecycle(session: CDPSession, state: 'frozen' | 'active'): Promise<void> {
  await session.send('Page.setWebLifecycleState', { state });
}

async function debuggingPort(profile: string): Promise<number> {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline) {
    await delay(50);
    try {
      const [port, path] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n');
      if (path) return Number(port);
    } catch {
      // Not written yet.
    }
  }
  throw new Error(`Chromium opened no debugging port within ${startDeadlineMs / 1000} s.`);
}

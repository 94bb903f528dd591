import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SocketStatus } from '../../src/index';
import { seededRandom } from '../../src/testing/seededRandom';
import { launchChromium } from './harness/launchChromium';
import { allowNetworkNoise, startStage, type Stage, type StagePage } from './harness/stage';

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
});

/** What comes between a page and its server; each ends with another link. */
const accidents: Readonly<Record<string, (stage: Stage, tab: StagePage) => unknown>> = {
  'a TCP reset': ({ server }) => server.control({ command: 'reset' }),
  'a network that resets': ({ network }) => network.rst(),
  'a network that ends': ({ network }) => network.fin(),
  'a restart': ({ server }) => server.control({ command: 'restart', forMs: 150, retryAfterS: 0.2 }),
  'a crash': ({ server }) => server.control({ command: 'kill', forMs: 150 }),
  'a server that is leaving': ({ server }) =>
    server.control({ command: 'goingAway', retryAfterS: 0.1, code: 0 }),
  'a server that left': ({ server }) => server.control({ command: 'goingAway', retryAfterS: 0.1 }),
  'a dead cable': ({ server }) => server.control({ command: 'halfOpen' }),
  'a replacement': (_stage, { page }) => page.evaluate(() => window.replaceLink()),
  'an expired token': ({ server }) => server.control({ command: 'expireNow' }),
  'a token that is never acknowledged': ({ server }, { page }) => {
    server.faults.setSocket({ dropAcks: 2 });
    return page.evaluate(() => window.rotateToken());
  },
  'the end of the page cache': (_stage, { page }) =>
    page.evaluate(() => {
      window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    }),
};

/** A client may dial twenty times a minute: several tabs share the accidents, all at once. */
const TABS = 3;

interface Life {
  names: readonly string[];
  /** The ticks, in the order in which the page got them. */
  seen: readonly number[];
  /** What the server had forgotten when it was asked to repeat it. */
  missed: number;
  isSignedOut: boolean;
  /** What stands in the page. */
  text: string | null;
}

async function live(names: readonly string[], seed: number): Promise<Life> {
  const random = seededRandom(seed);
  // However busy this machine is, no tick overtakes the answer to `resume`.
  const server = { streamIntervalMs: 20, streamHistory: 100_000, resumeWindowMs: 5_000 };
  const stage = await startStage({ entry: 'resumePage.tsx', server });
  const context = await chromium.newContext();
  try {
    const tab = await stage.open(context);
    allowNetworkNoise(tab);
    const statusAt = (from: number, isMet: (status: SocketStatus) => boolean) =>
      tab.waitFor('status', { from, where: ({ detail }) => isMet(detail as SocketStatus) });
    await statusAt(0, ({ link }) => link === 'open');
    for (const name of names) {
      await delay(random() * 300);
      const { connection } = tab.find('status').at(-1)!.detail as SocketStatus;
      const from = tab.mark();
      await accidents[name]!(stage, tab);
      await statusAt(from, status => status.link === 'open' && status.connection > connection);
    }
    const { ticks, missed } = stage.server.stats().stream;
    await tab.page.waitForFunction(last => window.seen.at(-1)! > last, ticks);
    const seen = await tab.page.evaluate(() => window.seen);
    tab.assertUndisturbed();
    const isSignedOut = tab.find('session.expired').length > 0;
    return { names, seen, missed, isSignedOut, text: await tab.page.textContent('#root') };
  } finally {
    await context.close();
    await stage.close();
  }
}

it('a React page that says where to go on misses and doubles nothing, over a dozen accidents', async () => {
  const random = seededRandom(7);
  const names = Object.keys(accidents)
    .map(name => ({ name, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ name }) => name);
  const shares = Array.from({ length: TABS }, (_, tab) =>
    names.filter((_name, index) => index % TABS === tab),
  );
  const lives = await Promise.all(shares.map((share, tab) => live(share, tab + 1)));
  for (const { seen, ...life } of lives) {
    expect(seen, life.names.join(', ')).toEqual(Array.from(seen, (_, index) => index + 1));
    expect(life).toMatchObject({ missed: 0, isSignedOut: false, text: expect.stringMatching(/^\d+ ticks$/) });
  }
});

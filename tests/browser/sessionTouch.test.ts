import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ServerStats } from '../server/serverStats';
import { launchPlain, setLifecycle, type PlainChromium } from './harness/launchPlain';
import { allowNetworkNoise } from './harness/stage';
import { startScriptedStage, type ScriptedStage, type ScriptedTab } from './scriptedStage';

/** The half hour of the server. */
const sessionTtlMs = 1_500;
const protocolPingMs = 300;
const heartbeat = { intervalMs: 60, timeoutMs: 250 };

let chromium: PlainChromium;
let stage: ScriptedStage;
let tab: ScriptedTab;
let front: Page | undefined;

beforeAll(async () => {
  chromium = await launchPlain();
});

beforeEach(async () => {
  stage = await startScriptedStage({ streamIntervalMs: 0, touchThrottleMs: 50 });
  tab = await stage.open(await chromium.context.newPage());
  await tab.page.bringToFront();
  allowNetworkNoise(tab);
});

afterEach(async () => {
  await front?.close();
  front = undefined;
  await tab?.page.close();
  await stage?.close();
});

afterAll(async () => {
  await chromium?.close();
});

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** From now on the session lives as long as it is touched; until here the browser could take its time. */
const shortenSession = () =>
  stage.server.control({ command: 'configure', options: { sessionTtlMs, protocolPingMs } });

const touchedTwice = () => {
  const { touches } = stage.server.stats();
  return stage.server.waitFor(stats => stats.touches >= touches + 2, 15_000);
};

const ended = ({ sessionsEnded }: ServerStats) => sessionsEnded.expired === 1;

async function hideAndFreeze(): Promise<void> {
  front = await chromium.hideOthers();
  await tab.waitFor('lifecycle', { where: isLifecycle('visibilitychange') });
  await setLifecycle(tab.session, 'frozen');
}

const isLifecycle =
  (name: string) =>
  ({ detail }: { detail?: unknown }) =>
    (detail as { name: string }).name === name;

/** The end of the session was told, once, and nothing else happened to the page. */
async function expectToldOnce(): Promise<void> {
  await tab.waitForStatus(({ session }) => session === 'signed-out');
  await pause(300);
  expect(tab.find('session.expired').map(({ detail }) => detail)).toEqual([
    { reason: 'The session is over.', by: 'token-source' },
  ]);
  expect(await tab.status()).toMatchObject({ session: 'signed-out', link: 'stopped' });
  expect(tab.find('unmounted')).toEqual([]);
  expect(stage.server.stats()).toMatchObject({ sessionsEnded: { expired: 1 }, logouts: 0 });
  tab.assertUndisturbed();
  await tab.expectNoLeak();
}

it('A13 a hung page touches nothing, although the browser answers every protocol ping for it', async () => {
  await tab.mountOpen({ options: { heartbeat } });
  await shortenSession();
  await touchedTwice();
  const hungMs = 2 * sessionTtlMs;
  await tab.page.evaluate(ms => {
    setTimeout(() => {
      const end = performance.now() + ms;
      while (performance.now() < end);
    });
  }, hungMs);
  // What left before has arrived.
  await pause(200);
  const before = stage.server.stats();
  const after = await stage.server.waitFor(ended, hungMs);
  expect(after.touches).toBe(before.touches);
  expect(after.pings).toEqual(before.pings);
  expect(after.protocolPings.answered).toBeGreaterThan(before.protocolPings.answered + 2);
  expect(after.authCloses).toEqual({ session_expired: 1 });
  // The page still hangs: it was the server that ended it, on time.
  expect(tab.find('session.expired')).toEqual([]);
  await expectToldOnce();
});

it('A13 a frozen page touches nothing, and its user is told when it resumes', async () => {
  await tab.mountOpen({ options: { heartbeat } });
  await shortenSession();
  await touchedTwice();
  await hideAndFreeze();
  const before = await stage.server.waitFor(({ sockets }) => sockets.open === 0);
  await pause(2 * sessionTtlMs);
  expect(stage.server.stats()).toMatchObject({ touches: before.touches, requests: before.requests });
  await setLifecycle(tab.session, 'active');
  await expectToldOnce();
});

it('A13 a frozen page that leaves its socket open is pinged and answered for, and touches nothing', async () => {
  await tab.page.evaluate(async () => {
    const answer = await fetch('/auth/refresh', { method: 'POST' });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`);
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: 'auth', token }));
      setInterval(() => {
        if (socket.readyState === 1) socket.send('{"type":"ping"}');
      }, 60);
    };
  });
  await stage.server.waitFor(({ pings }) => pings.received > 0);
  await shortenSession();
  await touchedTwice();
  await hideAndFreeze();
  await pause(200);
  const before = stage.server.stats();
  expect(before.sockets.open).toBe(1);
  const after = await stage.server.waitFor(ended);
  expect(after.touches).toBe(before.touches);
  expect(after.pings).toEqual(before.pings);
  expect(after.protocolPings.answered).toBeGreaterThan(before.protocolPings.answered + 2);
  await setLifecycle(tab.session, 'active');
});

it('A14 S3-E a page that is used keeps its session; one that is left loses it once, and stays where it is', async () => {
  await tab.mountOpen({ options: { heartbeat: { ...heartbeat, keepsSession: 'while-used' } } });
  await tab.page.keyboard.press('a');
  await shortenSession();
  const usedUntil = Date.now() + 2 * sessionTtlMs;
  while (Date.now() < usedUntil) {
    await tab.page.keyboard.press('a');
    await pause(50);
  }
  const used = stage.server.stats();
  expect(used.touches).toBeGreaterThan(3);
  expect(used.sessionsEnded).toEqual({});
  expect(await tab.status()).toMatchObject({ session: 'valid', link: 'open' });
  const left = await stage.server.waitFor(ended, 3 * sessionTtlMs);
  expect(left.pings.idle).toBeGreaterThan(used.pings.idle);
  await expectToldOnce();
});

import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchPlain, setLifecycle, type PlainChromium } from './harness/launchPlain';
import { allowNetworkNoise } from './harness/stage';
import { isOpen, startScriptedStage, type ScriptedStage, type ScriptedTab } from './scriptedStage';

/** Slack for a loaded machine, on top of what the package promises. */
const slackMs = 1_000;

let chromium: PlainChromium;
let stage: ScriptedStage;
let tab: ScriptedTab;
let front: Page | undefined;

beforeAll(async () => {
  chromium = await launchPlain();
});

beforeEach(async () => {
  stage = await startScriptedStage({ streamIntervalMs: 200 });
  tab = await stage.open(await chromium.context.newPage());
  await tab.page.bringToFront();
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

const lifecycle = (name: string, from = 0) =>
  tab.waitFor('lifecycle', { from, where: ({ detail }) => (detail as { name: string }).name === name });

async function hide(): Promise<void> {
  const from = tab.mark();
  front = await chromium.hideOthers();
  await lifecycle('visibilitychange', from);
}

it('L02 X02 a socket that died in a hidden tab is dialled for at once when the tab is shown', async () => {
  allowNetworkNoise(tab);
  await tab.mountOpen({ options: { reconnect: { minMs: 30_000, maxMs: 60_000 } } });
  await hide();
  await stage.network.stop();
  // So far ahead that only the waking can be the cause of an earlier dial.
  await tab.waitForStatus(({ retryAt }) => retryAt !== null && retryAt - Date.now() > 5_000, 0, 60_000);
  await stage.network.restart();
  const from = tab.mark();
  await tab.page.bringToFront();
  const shown = await lifecycle('visibilitychange', from);
  const dialled = await tab.waitFor('socket.dialled', { from });
  expect(dialled.elapsed - shown.elapsed).toBeLessThanOrEqual(500 + slackMs);
  await tab.waitForStatus(isOpen, from);
  tab.assertUndisturbed();
  await tab.expectNoLeak();
});

it('L03 X02 a frozen tab has closed its socket, does nothing, and is back when it resumes', async () => {
  await tab.mountOpen({ options: { heartbeat: { intervalMs: 300, timeoutMs: 300 } } });
  await hide();
  const from = tab.mark();
  const frozenAt = Date.now();
  await setLifecycle(tab.session, 'frozen');
  const { connections } = await stage.server.waitFor(
    stats => typeof stats.connections[0]?.closedAt === 'number',
  );
  expect(connections[0]).toMatchObject({ code: 1000, closedBy: 'client' });
  expect(connections[0]!.closedAt! - frozenAt).toBeLessThan(slackMs);
  const requests = stage.host.requests.length;
  // Five heartbeats long.
  await new Promise(resolve => setTimeout(resolve, 1_500));
  expect(stage.host.requests).toHaveLength(requests);
  await setLifecycle(tab.session, 'active');
  const resumed = await lifecycle('resume', from);
  const back = await tab.waitForStatus(isOpen, from);
  expect(back.elapsed - resumed.elapsed).toBeLessThanOrEqual(500 + slackMs);
  expect(await tab.page.evaluate(() => document.visibilityState)).toBe('hidden');
  expect(tab.find('socket.dialled')).toHaveLength(2);
  expect(stage.connections()).toHaveLength(2);
  tab.assertUndisturbed();
  await tab.expectNoLeak();
});

it('L05 L06 X02 a page in the back/forward cache has closed its socket, and opens one new one when restored', async () => {
  await tab.mountOpen();
  const document = tab.entries[0]!.document;
  const leftAt = Date.now();
  await tab.page.goto(`${stage.url}elsewhere`);
  const { connections } = await stage.server.waitFor(
    stats => typeof stats.connections[0]?.closedAt === 'number',
  );
  expect(connections[0]).toMatchObject({ code: 1000, closedBy: 'client' });
  expect(connections[0]!.closedAt! - leftAt).toBeLessThan(slackMs);

  const from = tab.mark();
  // The driver waits for a load event, which a restored page does not have.
  await tab.page.goBack({ waitUntil: 'commit' }).catch(() => {});
  await tab.pull();
  const restored = await lifecycle('pageshow', from);
  expect(restored).toMatchObject({ document, detail: { persisted: true } });
  const back = await tab.waitForStatus(isOpen, from);
  expect(back.elapsed - restored.elapsed).toBeLessThanOrEqual(500 + slackMs);
  await tab.waitFor('message', { from: tab.mark() });
  await tab.pull();
  expect(tab.find('socket.dialled')).toHaveLength(2);
  expect(stage.connections()).toHaveLength(2);
  // Nothing that the first socket may still have brought was delivered after the return.
  const [opened] = tab.find('socket.opened', {
    where: ({ detail }) => (detail as { socket: number }).socket === 2,
  });
  const early = tab.find('message', {
    where: ({ elapsed }) => elapsed >= restored.elapsed && elapsed < opened!.elapsed,
  });
  expect(early).toEqual([]);
  expect(tab.find('unmounted')).toEqual([]);
  tab.console.assertQuiet();
  await tab.expectNoLeak();
});

it('S2-D four wake events at once replace a half-open link by one new socket within 5 s', async () => {
  await tab.mountOpen();
  await tab.waitFor('message');
  await hide();
  await stage.server.control({ command: 'halfOpen' });
  const from = tab.mark();
  await tab.page.bringToFront();
  await tab.page.evaluate(() => {
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    window.dispatchEvent(new Event('online'));
    window.dispatchEvent(new Event('focus'));
  });
  const shown = await lifecycle('visibilitychange', from);
  const back = await tab.waitForStatus(({ connection }) => connection === 2, from);
  expect(back.elapsed - shown.elapsed).toBeLessThanOrEqual(5_000);
  expect(back.status.link).toBe('open');
  expect(tab.find('socket.dialled')).toHaveLength(2);
  expect(stage.connections()).toHaveLength(2);
  tab.assertUndisturbed();
});

it('S2-D four wake events at once leave a healthy link alone', async () => {
  await tab.mountOpen();
  await hide();
  const from = tab.mark();
  await tab.page.bringToFront();
  await tab.page.evaluate(() => {
    window.dispatchEvent(new PageTransitionEvent('pageshow'));
    window.dispatchEvent(new Event('online'));
    window.dispatchEvent(new Event('focus'));
  });
  await lifecycle('online', from);
  // One merged wake: one ping, and its answer is all that happens.
  await stage.server.waitFor(({ pings }) => pings.received === 1);
  await tab.waitFor('message', { from: tab.mark() });
  expect(stage.server.stats().pings.received).toBe(1);
  expect(tab.find('socket.dialled')).toHaveLength(1);
  expect(await tab.status()).toMatchObject({ link: 'open', connection: 1 });
  tab.assertUndisturbed();
});

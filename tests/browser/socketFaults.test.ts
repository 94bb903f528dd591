import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { SocketStatus } from '../../src/index';
import type { ReferenceServerOptions } from '../server/serverOptions';
import { closedWhileConnecting } from './harness/consoleSpy';
import { launchChromium } from './harness/launchChromium';
import { allowNetworkNoise } from './harness/stage';
import { isOpen, startScriptedStage, type ScriptedStage, type ScriptedTab } from './scriptedStage';

vi.setConfig({ maxConcurrency: 5 });

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
});

/** Plays a test in a tab of its own, and proves at its end that page, console and URLs hold no token. */
async function inChromium(
  play: (tab: ScriptedTab, stage: ScriptedStage) => Promise<void>,
  server: ReferenceServerOptions = {},
): Promise<void> {
  const stage = await startScriptedStage({ streamIntervalMs: 200, ...server });
  const context = await chromium.newContext();
  try {
    const tab = await stage.open(context);
    await play(tab, stage);
    tab.assertUndisturbed();
    await tab.expectNoLeak();
  } finally {
    await context.close();
    await stage.close();
  }
}

it.concurrent('S04 X02 an upgrade that is never answered is closed at its deadline, and starves nobody', () =>
  inChromium(async (tab, { server }) => {
    tab.console.allow(closedWhileConnecting);
    allowNetworkNoise(tab);
    server.faults.set('/ws', { kind: 'hang', count: 1 });
    await tab.mount({ options: { timeouts: { dialMs: 1_500 } } });
    await tab.waitForStatus(isOpen);
    const [first, second] = tab.find('socket.dialled');
    const [left] = tab.find('socket.left');
    const [opened] = tab.find('socket.opened');
    expect(left?.detail).toMatchObject({ socket: 1, readyState: 0 });
    expect(left!.elapsed - first!.elapsed).toBeGreaterThanOrEqual(1_490);
    expect(left!.elapsed - first!.elapsed).toBeLessThan(3_000);
    expect(opened?.detail).toEqual({ socket: 2 });
    expect(opened!.elapsed - second!.elapsed).toBeLessThan(1_000);
    expect(tab.find('socket.dialled')).toHaveLength(2);
    expect(tab.console.lines.filter(line => closedWhileConnecting.test(line))).toHaveLength(1);
    expect(await tab.status()).toMatchObject({ link: 'open', connection: 1 });
  }),
);

it.concurrent('S05 X02 a TCP reset leads to a new link, although the browser fires no error event', () =>
  inChromium(async (tab, { server }) => {
    await tab.mountOpen();
    const from = tab.mark();
    await server.control({ command: 'reset' });
    const { status } = await tab.waitForStatus(isOpen, from);
    expect(status.connection).toBe(2);
    expect(tab.find('socket.closed').map(({ detail }) => detail)).toMatchObject([{ socket: 1, code: 1006 }]);
    expect(tab.find('socket.failed')).toEqual([]);
    expect(tab.find('unmounted')).toEqual([]);
  }),
);

it.concurrent(
  'S06 X02 a half-open link is left at its heartbeat deadline and replaced within two more seconds',
  () =>
    inChromium(async (tab, { server }) => {
      await tab.mountOpen({ options: { heartbeat: { intervalMs: 1_500, timeoutMs: 1_000 } } });
      await tab.waitFor('message');
      await server.control({ command: 'halfOpen' });
      const from = tab.mark();
      const lost = await tab.waitForStatus(({ link }) => link !== 'open', from);
      const heard = tab.find('message', { where: ({ elapsed }) => elapsed < lost.elapsed }).at(-1)!;
      const back = await tab.waitForStatus(isOpen, from);
      expect(lost.elapsed - heard.elapsed).toBeGreaterThan(1_500);
      expect(lost.elapsed - heard.elapsed).toBeLessThanOrEqual(3_500);
      expect(back.elapsed - heard.elapsed).toBeLessThanOrEqual(5_500);
      expect(back.status.connection).toBe(2);
      expect(tab.find('socket.dialled')).toHaveLength(2);
    }),
);

it.concurrent('S07 X02 a server that never completes our close holds up nothing', () =>
  inChromium(async (tab, { server, connections }) => {
    await tab.mountOpen();
    await server.control({ command: 'halfOpen' });
    const from = tab.mark();
    const atOnce = await tab.page.evaluate(() => {
      window.lab.client().disconnect();
      const { link } = window.lab.client().getStatus();
      window.lab.client().connect();
      return link;
    });
    expect(atOnce).toBe('stopped');
    const back = await tab.waitForStatus(isOpen, from);
    const [left] = tab.find('socket.left', { from });
    expect(left?.detail).toMatchObject({ socket: 1, code: 1000 });
    expect(back.elapsed - left!.elapsed).toBeLessThan(3_000);
    expect(await tab.page.evaluate(() => window.sockets.map(({ readyState }) => readyState))).toEqual([2, 1]);
    expect(connections()).toHaveLength(2);
  }),
);

it.concurrent('S10 X02 "token expired" is one forced refresh and one dial at once, then the ladder', () =>
  inChromium(async (tab, { server }) => {
    allowNetworkNoise(tab);
    await tab.mountOpen({ options: { reconnect: { stableAfterMs: 100 } } });
    const calls = tab.find('token.asked').length;
    server.faults.set('/ws', { kind: '503', count: 1 });
    const from = tab.mark();
    await server.control({ command: 'close', code: 1008, reason: 'token expired' });
    await tab.waitForStatus(isOpen, from);
    const [closed] = tab.find('socket.closed', { from });
    const [first, second] = tab.find('socket.dialled', { from });
    const [refused] = tab.find('socket.failed', { from });
    const asked = tab.find('token.asked').slice(calls);
    expect(closed?.detail).toMatchObject({ code: 1008, reason: 'token expired', wasClean: true });
    expect(asked.map(({ detail }) => detail)).toMatchObject([{ reason: 'rejected', forceRefresh: true }]);
    // Before the first dial no wait is drawn, before the second one is.
    const waits = tab.find('status', {
      from,
      where: ({ detail }) => (detail as SocketStatus).link === 'waiting',
    });
    expect(waits.every(({ elapsed }) => elapsed > first!.elapsed)).toBe(true);
    expect(waits.length).toBeGreaterThan(0);
    expect(first!.elapsed - closed!.elapsed).toBeLessThan(1_000);
    expect(second!.elapsed - refused!.elapsed).toBeGreaterThanOrEqual(245);
    expect(tab.find('socket.dialled', { from })).toHaveLength(2);
  }),
);

it.concurrent('S20 X02 unmounting while CONNECTING prints nothing, and the server sees one close 1000', () =>
  inChromium(async (tab, { server }) => {
    server.faults.set('/ws', { kind: 'slow', latencyMs: 1_000, count: 1 });
    await tab.mount({ options: { lingerMs: 0 } });
    await tab.waitFor('socket.dialled');
    expect(await tab.page.evaluate(() => window.sockets[0]?.readyState)).toBe(0);
    await tab.page.evaluate(() => window.lab.unmount());
    const { connections } = await server.waitFor(
      ({ connections: [one] }) => typeof one?.closedAt === 'number',
      15_000,
    );
    expect(connections).toMatchObject([{ code: 1000, authenticatedAt: null, frames: [] }]);
    await tab.waitFor('socket.closed');
    expect(tab.find('socket.dialled')).toHaveLength(1);
    expect(tab.find('status').some(({ detail }) => (detail as { link: string }).link === 'open')).toBe(false);
    expect(tab.console.lines).toEqual([]);
  }),
);

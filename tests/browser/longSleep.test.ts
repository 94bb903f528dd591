import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchPlain, type PlainChromium } from './harness/launchPlain';
import { canShimWallclock, wallclockShim, type WallclockShim } from './harness/wallclockShim';
import { isOpen, startScriptedStage, type ScriptedTab } from './scriptedStage';

const hourMs = 3_600_000;
const sleepMs = 8 * hourMs;

/** The clock needs a C compiler. */
describe.runIf(canShimWallclock())('eight hours of sleep with the tab in front', () => {
  let shim: WallclockShim;
  let chromium: PlainChromium;
  let sleptMs = 0;

  beforeAll(async () => {
    shim = wallclockShim();
    chromium = await launchPlain({ env: shim.env });
  });

  afterAll(async () => {
    await chromium?.close();
    shim?.dispose();
  });

  /** Stops every process of the browser; the wall clock moves on by hours meanwhile, the monotonic one by a second. */
  async function sleep(tab: ScriptedTab, meanwhile: () => Promise<unknown>): Promise<number> {
    const wake = chromium.stop();
    await delay(1_000);
    sleptMs += sleepMs;
    shim.setOffset(sleptMs / 1000);
    await meanwhile();
    const from = tab.mark();
    wake();
    return from;
  }

  async function openTab(accessTtlMs: number) {
    const stage = await startScriptedStage({ accessTtlMs, sessionTtlMs: 100 * hourMs, streamIntervalMs: 0 });
    // The server lives in the time that the browser has reached.
    await stage.server.control({ command: 'jumpClock', ms: sleptMs });
    const tab = await stage.open(await chromium.context.newPage());
    await tab.page.bringToFront();
    await tab.mountOpen();
    return { stage, tab };
  }

  it('K04 X02 a token of 15 minutes: one refresh, one new socket, no replay of what was missed', async () => {
    const { stage, tab } = await openTab(hourMs / 4);
    const from = await sleep(tab, () => stage.server.control({ command: 'jumpClock', ms: sleepMs }));
    await tab.waitForStatus(({ link, connection }) => link === 'open' && connection === 2, from);
    // Anything that was still to come of the missed ticks would come in the next moments.
    await delay(1_500);
    expect(tab.find('token.asked', { from })).toHaveLength(1);
    expect(tab.find('socket.dialled', { from })).toHaveLength(1);
    expect(stage.connections()).toHaveLength(2);
    expect(stage.server.stats().pings.received).toBeLessThanOrEqual(1);
    expect(tab.find('unmounted')).toEqual([]);
    expect(tab.find('session.expired')).toEqual([]);
    expect(await tab.status()).toMatchObject({ session: 'valid', link: 'open' });
    tab.assertUndisturbed();
    await tab.expectNoLeak();
    await tab.page.close();
    await stage.close();
  });

  it('K04 X02 a token of a day and a server that waited: one probe, no refresh, no new socket', async () => {
    const { stage, tab } = await openTab(24 * hourMs);
    const from = await sleep(tab, () => stage.server.control({ command: 'jumpClock', ms: sleepMs }));
    await stage.server.waitFor(({ pings }) => pings.received === 1, 10_000);
    await delay(1_500);
    expect(stage.server.stats().pings.received).toBe(1);
    expect(tab.find('token.asked', { from })).toEqual([]);
    expect(tab.find('socket.dialled', { from })).toEqual([]);
    expect(isOpen(await tab.status())).toBe(true);
    tab.assertUndisturbed();
    await tab.expectNoLeak();
    await tab.page.close();
    await stage.close();
  });
});

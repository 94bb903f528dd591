import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SocketStatus } from '../../src/index';
import { launchChromium } from './harness/launchChromium';
import { allowNetworkNoise } from './harness/stage';
import { isOpen, startScriptedStage, type ScriptedStage, type ScriptedTab } from './scriptedStage';

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
});

const isLink = (number: number) => (status: SocketStatus) => isOpen(status) && status.connection === number;

async function inChromium(play: (tab: ScriptedTab, stage: ScriptedStage) => Promise<void>): Promise<void> {
  const stage = await startScriptedStage({ streamIntervalMs: 0 });
  const context = await chromium.newContext();
  try {
    const tab = await stage.open(context);
    allowNetworkNoise(tab);
    await tab.mountOpen({ options: { reconnect: { stableAfterMs: 0 } } });
    await play(tab, stage);
    expect(tab.find('session.expired')).toEqual([]);
    expect(tab.find('unmounted')).toEqual([]);
    tab.assertUndisturbed();
    await tab.expectNoLeak();
  } finally {
    await context.close();
    await stage.close();
  }
}

it('S18 X02 Chromium hands on codes that nobody may send, and each is a lost link and nothing more', () =>
  inChromium(async (tab, { server }) => {
    for (const [index, code] of [999, 2000, 5000].entries()) {
      await server.control({ command: 'close', code, reason: 'out of bounds' });
      const { status } = await tab.waitForStatus(isLink(index + 2));
      expect(status).toMatchObject({
        session: 'valid',
        lastClose: { code, reason: 'out of bounds', verdict: 'ambiguous' },
      });
    }
    expect(tab.find('token.asked')).toHaveLength(1);
  }));

it('S19 X02 text that is not UTF-8 costs the link and nothing else', () =>
  inChromium(async (tab, { server }) => {
    const from = tab.mark();
    await server.control({ command: 'sendGarbage', kind: 'invalid-utf8' });
    const { status } = await tab.waitForStatus(isLink(2));
    expect(status).toMatchObject({ session: 'valid', lastClose: { code: 1006 } });
    await server.control({ command: 'send', frame: { type: 'after' } });
    const { detail } = await tab.waitFor('message', { from });
    expect(detail).toEqual({ type: 'after' });
  }));

import { expect, it } from 'vitest';
import { closedWhileConnecting } from './harness/consoleSpy';
import { launchChromium } from './harness/launchChromium';
import { launchPlain } from './harness/launchPlain';
import { allowNetworkNoise } from './harness/stage';
import { isOpen, startScriptedStage, type ScriptedStage, type ScriptedTab } from './scriptedStage';

/** Cuts the link silently and measures, from the last message on, when it is left and when the next one is open. */
async function measureHalfOpen(tab: ScriptedTab, { server }: ScriptedStage, timeoutMs: number) {
  await server.control({ command: 'halfOpen' });
  const from = tab.mark();
  const lost = await tab.waitForStatus(({ link }) => link !== 'open', from, timeoutMs);
  const heard = tab.find('message', { where: ({ elapsed }) => elapsed < lost.elapsed }).at(-1)!;
  const back = await tab.waitForStatus(isOpen, from, timeoutMs);
  expect(tab.find('socket.dialled')).toHaveLength(2);
  return { lostMs: lost.elapsed - heard.elapsed, backMs: back.elapsed - heard.elapsed };
}

const say = (line: string) => process.stdout.write(`Chromium, default times: ${line}\n`);
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

it.concurrent(
  'S06 S2-D a half-open link of a visible tab is left within 36 s and replaced within 38 s',
  async () => {
    const chromium = await launchChromium();
    const stage = await startScriptedStage();
    const tab = await stage.open(await chromium.newContext());
    await tab.mountOpen();
    await tab.waitFor('message');
    const { lostMs, backMs } = await measureHalfOpen(tab, stage, 60_000);
    say(`half-open, visible: left after ${seconds(lostMs)}, open again after ${seconds(backMs)}`);
    expect(lostMs).toBeLessThanOrEqual(36_000);
    expect(backMs).toBeLessThanOrEqual(38_000);
    tab.assertUndisturbed();
    await chromium.close();
    await stage.close();
  },
);

it.concurrent(
  'S04 an upgrade that is never answered is closed after 10 s, and the next dial leaves',
  async () => {
    const chromium = await launchChromium();
    const stage = await startScriptedStage();
    const tab = await stage.open(await chromium.newContext());
    tab.console.allow(closedWhileConnecting);
    allowNetworkNoise(tab);
    stage.server.faults.set('/ws', { kind: 'hang', count: 1 });
    await tab.mount();
    const open = await tab.waitForStatus(isOpen, 0, 30_000);
    const [dialled] = tab.find('socket.dialled');
    const [left] = tab.find('socket.left');
    say(`hung upgrade: left after ${seconds(left!.elapsed - dialled!.elapsed)}`);
    expect(left!.elapsed - dialled!.elapsed).toBeGreaterThanOrEqual(9_990);
    expect(left!.elapsed - dialled!.elapsed).toBeLessThan(11_000);
    expect(open.elapsed - left!.elapsed).toBeLessThan(2_000);
    tab.assertUndisturbed();
    await chromium.close();
    await stage.close();
  },
);

it.concurrent(
  'S2-D a half-open link of a tab whose timers run once a minute is replaced within 130 s',
  async () => {
    const chromium = await launchPlain({
      args: ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10'],
    });
    const stage = await startScriptedStage();
    const tab = await stage.open(chromium.page);
    await tab.mountOpen();
    await chromium.hideOthers();
    await new Promise(resolve => setTimeout(resolve, 15_000));
    const { lostMs, backMs } = await measureHalfOpen(tab, stage, 180_000);
    say(`half-open, hidden: left after ${seconds(lostMs)}, open again after ${seconds(backMs)}`);
    expect(backMs).toBeLessThanOrEqual(130_000);
    tab.assertUndisturbed();
    await chromium.close();
    await stage.close();
  },
);

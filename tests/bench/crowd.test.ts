import { expect, it } from 'vitest';
import { startBenchStage } from './benchStage';

it('a thousand components share one socket and one token call, and render once each', async () => {
  const stage = await startBenchStage();
  try {
    const page = await stage.open('stubPage');
    expect(await page.evaluate(() => window.stubBench.crowd('ours', 1_000))).toMatchObject({
      sockets: 1,
      tokenCalls: 1,
      renders: [1, 1],
      handled: 1_000,
    });
  } finally {
    await stage.close();
  }
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBenchStage, type BenchStage } from './benchStage';

let stage: BenchStage;

beforeAll(async () => {
  stage = await startBenchStage();
});

afterAll(async () => {
  await stage?.close();
});

const size = 50_000;

it.each([
  ['in one task', size],
  ['in tasks of 5,000', 5_000],
  ['in tasks of 100', 100],
])(
  'useSocketState shows all of 50,000 messages %s, in order, in a commit a frame',
  async (_, messagesPerTask) => {
    const page = await stage.open('stubPage');
    const report = await page.evaluate(setup => window.stubBench.burst(setup), {
      contender: 'ours' as const,
      size,
      messagesPerTask,
    });
    expect(report).toMatchObject({ lost: 0, isInOrder: true, commitsInHandler: 0, commitsPerFrame: 1 });
    expect(report.commits).toBeLessThanOrEqual(report.frames);
    await page.close();
  },
);

it('useSocketState shows all of 10,000 messages of a real socket', async () => {
  const page = await stage.open('wirePage');
  await page.evaluate(() => window.wireBench.open('ours', 'show'));
  const { seen } = await page.evaluate(() => window.wireBench.burst(10_000));
  expect(seen).toBe(10_000);
  await page.close();
});

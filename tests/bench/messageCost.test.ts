import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBenchStage, type BenchStage } from './benchStage';
import { pairedRatio } from './quartiles';

let stage: BenchStage;

beforeAll(async () => {
  stage = await startBenchStage();
});

afterAll(async () => {
  await stage?.close();
});

/** What is promised, and what is never passed however busy the machine is. */
const promised = 1.25;
const never = 1.35;

/** The lowest of up to three measurements; whatever else runs on this machine only ever adds to one. */
async function lowest(measure: () => Promise<number>): Promise<number> {
  let best = Infinity;
  for (let attempt = 0; attempt < 3 && best > promised; attempt++) best = Math.min(best, await measure());
  return best;
}

it('a message costs little more than a raw handler that parses it', async () => {
  const ratio = await lowest(async () => {
    const page = await stage.open('stubPage');
    const { raw, ours } = await page.evaluate(() => window.stubBench.messageCost(40));
    await page.close();
    return pairedRatio(ours, raw);
  });
  process.stdout.write(`A message costs ${ratio.toFixed(2)} times a raw one\n`);
  expect(ratio).toBeLessThan(never);
});

it('a message for one topic of a thousand costs no more than for the only one, and little more than raw', async () => {
  const ratio = await lowest(async () => {
    const page = await stage.open('stubPage');
    const times = await page.evaluate(() => window.stubBench.topicCost([1, 1_000], 20));
    await page.close();
    const ofMany = times['one of 1000']!;
    return Math.max(pairedRatio(ofMany, times['one of 1']!), pairedRatio(ofMany, times['raw of 1000']!));
  });
  process.stdout.write(`With a thousand topics it costs ${ratio.toFixed(2)} times that at most\n`);
  expect(ratio).toBeLessThan(never);
});

it('a message for a hundred components is parsed once and handled before the socket goes on', async () => {
  const page = await stage.open('stubPage');
  const setup = { components: 100, messages: 200 } as const;
  const ours = await page.evaluate(
    given => window.stubBench.delivery({ ...given, contender: 'ours' }),
    setup,
  );
  const peer = await page.evaluate(
    given => window.stubBench.delivery({ ...given, contender: 'react-use-websocket' }),
    setup,
  );
  expect(ours).toEqual({ handled: 20_000, parses: 200, deferrals: 0, copies: 0 });
  // The counters do count.
  expect(peer.parses).toBe(20_000);
  await page.close();
});

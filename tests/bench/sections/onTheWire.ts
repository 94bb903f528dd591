import type { CDPSession } from 'playwright-core';
import type { BenchStage } from '../benchStage';
import type { ContenderName } from '../pages/contenders';
import { median } from '../quartiles';
import { figure, type Section } from '../section';

const rounds = 5;
const size = 10_000;
const names: readonly ContenderName[] = ['raw', 'ours', 'react-use-websocket'];

interface Run {
  readonly contender: ContenderName;
  readonly does: 'handle' | 'show';
  readonly ms: number[];
  /** Of the page's main thread. */
  readonly busyMs: number[];
  readonly seen: number[];
}

/** The same over a real socket, where the browser's own work for each message comes on top. */
export async function onTheWire(stage: BenchStage): Promise<Section> {
  const page = await stage.open('wirePage');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const runs: Run[] = (['handle', 'show'] as const).flatMap(does =>
    names.map(contender => ({ contender, does, ms: [], busyMs: [], seen: [] })),
  );
  for (let round = 0; round < rounds; round++) {
    for (const { contender, does, ms, busyMs, seen } of runs) {
      await page.evaluate(([name, what]) => window.wireBench.open(name, what), [contender, does] as const);
      const busyBefore = await busyMsOf(session);
      const report = await page.evaluate(count => window.wireBench.burst(count), size);
      busyMs.push((await busyMsOf(session)) - busyBefore);
      await page.evaluate(() => window.wireBench.close());
      ms.push(report.ms);
      seen.push(report.seen);
    }
  }
  await page.close();
  const rawOf = (does: Run['does']) => runs.find(run => run.contender === 'raw' && run.does === does)!;
  const ours = runs.filter(({ contender }) => contender === 'ours');
  return {
    title: `A burst of ${figure(size)} messages over loopback; ${rounds} rounds`,
    columns: ['', 'lost', 'ms', 'x raw', 'main thread ms', 'x raw'],
    rows: runs.map(({ contender, does, ms, busyMs, seen }) => [
      `${contender}, ${does}s them`,
      figure(size - Math.min(...seen)),
      median(ms).toFixed(0),
      (median(ms) / median(rawOf(does).ms)).toFixed(2),
      median(busyMs).toFixed(0),
      (median(busyMs) / median(rawOf(does).busyMs)).toFixed(2),
    ]),
    promises: [
      { text: 'messages lost', value: size - Math.min(...ours.flatMap(({ seen }) => seen)), limit: 0 },
    ],
  };
}

async function busyMsOf(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000;
}

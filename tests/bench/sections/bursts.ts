import type { BenchStage } from '../benchStage';
import type { BurstReport } from '../pages/burst';
import type { ContenderName } from '../pages/contenders';
import { median } from '../quartiles';
import { figure, type Section } from '../section';

const rounds = 7;
const size = 50_000;
const names: readonly ContenderName[] = ['raw', 'ours', 'react-use-websocket'];
const patterns = [
  { text: 'in one task', messagesPerTask: size },
  { text: '500 a task', messagesPerTask: 500 },
];

/** What components show of a burst: each contender and pattern in turn, again and again. */
export async function bursts(stage: BenchStage): Promise<Section> {
  const page = await stage.open('stubPage');
  const runs = patterns.flatMap(({ text, messagesPerTask }) =>
    names.map(contender => ({ contender, text, messagesPerTask, reports: [] as BurstReport[] })),
  );
  for (let round = 0; round < rounds; round++) {
    for (const { contender, messagesPerTask, reports } of runs)
      reports.push(
        await page.evaluate(setup => window.stubBench.burst(setup), { contender, size, messagesPerTask }),
      );
  }
  await page.close();
  const worst = (reports: readonly BurstReport[], what: (report: BurstReport) => number) =>
    Math.max(...reports.map(what));
  const msOf = (reports: readonly BurstReport[]) => median(reports.map(({ ms }) => ms));
  const rawMs = Object.fromEntries(
    runs.filter(({ contender }) => contender === 'raw').map(({ text, reports }) => [text, msOf(reports)]),
  );
  const ours = runs.filter(({ contender }) => contender === 'ours').flatMap(({ reports }) => reports);
  return {
    title: `A component that shows a burst of ${figure(size)} messages; stubbed socket, ${rounds} rounds`,
    columns: ['', 'lost', 'in order', 'commits', 'frames', 'most in a frame', 'ms', 'x raw'],
    rows: runs.map(({ contender, text, reports }) => [
      `${contender}, ${text}`,
      figure(worst(reports, ({ lost }) => lost)),
      reports.every(({ isInOrder }) => isInOrder) ? 'yes' : 'no',
      figure(median(reports.map(({ commits }) => commits))),
      figure(median(reports.map(({ frames }) => frames))),
      figure(worst(reports, ({ commitsPerFrame }) => commitsPerFrame)),
      msOf(reports).toFixed(1),
      (msOf(reports) / rawMs[text]!).toFixed(2),
    ]),
    promises: [
      { text: 'useSocketState loses', value: worst(ours, ({ lost }) => lost), limit: 0 },
      {
        text: 'useSocketState shows out of order, bursts',
        value: ours.filter(({ isInOrder }) => !isInOrder).length,
        limit: 0,
      },
      {
        text: 'commits of useSocketState in one frame',
        value: worst(ours, ({ commitsPerFrame }) => commitsPerFrame),
        limit: 1,
      },
    ],
  };
}

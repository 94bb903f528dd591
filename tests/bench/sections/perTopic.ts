import type { BenchStage } from '../benchStage';
import { pairedRatio, quartiles } from '../quartiles';
import type { Section } from '../section';

const rounds = 40;
const counts = [1, 10, 1_000];
const most = 1_000;

export async function perTopic(stage: BenchStage): Promise<Section> {
  const page = await stage.open('stubPage');
  const times = await page.evaluate(([given, count]) => window.stubBench.topicCost(given, count), [
    counts,
    rounds,
  ] as const);
  await page.close();
  const of = (lane: string, count: number) => times[`${lane} of ${count}`]!;
  const row = (text: string, lane: string) =>
    counts.map(count => [
      `${text}, ${count.toLocaleString('en')} registered`,
      quartiles(of(lane, count)).median.toFixed(0),
      pairedRatio(of(lane, count), of(lane, 1)).toFixed(2),
      pairedRatio(of(lane, count), of('raw', count)).toFixed(2),
    ]);
  return {
    title: `A message by topic, one handler each; stubbed socket, ${rounds} rounds of 20,000`,
    columns: ['', 'ns', 'x 1 topic', 'x raw'],
    rows: [
      ...row('ours, messages of one topic', 'one'),
      ...row('ours, messages of each topic in turn', 'each'),
      ...row('an index by hand, the same', 'index'),
    ],
    promises: [
      {
        text: 'with one listener of one topic a message costs so many times the raw one',
        value: pairedRatio(of('one', 1), of('raw', 1)),
        limit: 1.25,
      },
      {
        text: 'with 1,000 topics registered a message costs so many times what it costs with one',
        value: pairedRatio(of('one', most), of('one', 1)),
        limit: 1.25,
      },
      {
        text: 'messages of 1,000 topics in turn cost so many times an index by hand',
        value: pairedRatio(of('each', most), of('index', most)),
        limit: 1.35,
      },
    ],
  };
}

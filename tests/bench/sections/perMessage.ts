import type { BenchStage } from '../benchStage';
import { pairedRatio, quartiles } from '../quartiles';
import type { Section } from '../section';

const rounds = 100;

export async function perMessage(stage: BenchStage): Promise<Section> {
  const page = await stage.open('stubPage');
  const times = await page.evaluate(count => window.stubBench.messageCost(count), rounds);
  await page.close();
  return {
    title: `A message, from the event to one handler, JSON.parse included; stubbed socket, ${rounds} rounds of 20,000`,
    columns: ['', 'ns', 'quartiles', 'x raw'],
    rows: Object.entries(times).map(([name, values]) => {
      const { low, median, high } = quartiles(values);
      return [
        name,
        median.toFixed(0),
        `${low.toFixed(0)}-${high.toFixed(0)}`,
        pairedRatio(values, times.raw).toFixed(2),
      ];
    }),
    promises: [
      {
        text: 'a message costs so many times the raw one',
        value: pairedRatio(times.ours, times.raw),
        limit: 1.25,
      },
    ],
  };
}

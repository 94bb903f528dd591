import type { BenchStage } from '../benchStage';
import { quartiles } from '../quartiles';
import type { Section } from '../section';
import { stubbedDrops } from '../stubbedDrops';

const drops = 20;

/** How soon messages flow again after a stable link was lost, all options at their defaults. */
export async function afterDrops(stage: BenchStage): Promise<Section> {
  const page = await stage.open('wirePage');
  const inChromium = await page.evaluate(clients => window.wireBench.reconnects(clients), drops);
  await page.close();
  const stubbed = await stubbedDrops(drops);
  const runs = [
    { text: `stubbed clock, ${drops} drops`, gaps: stubbed, limit: 600 },
    { text: `Chromium, ${drops} links cut at once`, gaps: inChromium, limit: 800 },
  ];
  return {
    title: 'Messages flow again after a drop',
    columns: ['', 'ms', 'quartiles', 'worst'],
    rows: runs.map(({ text, gaps }) => {
      const { low, median, high } = quartiles(gaps);
      return [text, median.toFixed(0), `${low.toFixed(0)}-${high.toFixed(0)}`, Math.max(...gaps).toFixed(0)];
    }),
    promises: runs.map(({ text, gaps, limit }) => ({
      text: `${text}: ms at the median`,
      value: Math.round(quartiles(gaps).median),
      limit,
    })),
  };
}

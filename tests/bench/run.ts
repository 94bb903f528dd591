import { cpus, loadavg } from 'node:os';
import { startBenchStage, type BenchStage } from './benchStage';
import { isKept, sectionText, type Section } from './section';
import { afterDrops } from './sections/afterDrops';
import { bursts } from './sections/bursts';
import { crowds } from './sections/crowds';
import { onTheWire } from './sections/onTheWire';
import { perMessage } from './sections/perMessage';
import { perTopic } from './sections/perTopic';

/** `npm run bench`: prints figures beside those of others in the same run; fails if a promise is broken. */

const sections: readonly ((stage: BenchStage) => Promise<Section>)[] = [
  perMessage,
  perTopic,
  bursts,
  crowds,
  onTheWire,
  afterDrops,
];

const stage = await startBenchStage();
let broken = 0;
try {
  console.log(machineText(stage));
  for (const measure of sections) {
    const section = await measure(stage);
    console.log(`\n${sectionText(section)}`);
    broken += section.promises.filter(promise => !isKept(promise)).length;
  }
} finally {
  await stage.close();
}
console.log(`\n${broken === 0 ? 'Every promise is kept.' : `Broken promises: ${broken}.`}`);
process.exitCode = broken === 0 ? 0 : 1;

function machineText({ browser }: BenchStage): string {
  const processors = cpus();
  const load = loadavg()[0]!.toFixed(1);
  return [
    `Chromium ${browser.version()}, React production build, Node ${process.versions.node}`,
    `${processors.length} x ${processors[0]?.model ?? 'unknown processor'}, load ${load}`,
    'Contenders take turns in every round; ratios are medians. Times on a shared machine vary, ratios much less.',
  ].join('\n');
}

import { startDemo } from '../../storybook/demo/startDemo';
import { liveTimeline, type TimelineLife } from '../browser/timelineLife';

/**
 * `node --import tsx tests/bench/timelineRun.ts`: six real minutes of the demo (React's production build) with a sleep in
 * them, once with the panel and once without, side by side. Prints what the panel costs; fails when it grows or shows a
 * secret.
 */

const minuteMs = 60_000;
const runMs = 6.1 * minuteMs;
/** What a garbage collector leaves behind from time to time. */
const mostGrowth = 1_000_000;

const options = {
  async startDemo() {
    const { url, close } = await startDemo([0], 'production');
    return { url, end: close };
  },
  runMs,
  sleepAtMs: 2 * minuteMs,
  sleepMs: 20_000,
  // Up to the fifth minute the window fills.
  heapAtMs: [1, 2, 3, 4, 5, 6].map(minute => minute * minuteMs),
};
const [shown, hidden] = await Promise.all([
  liveTimeline({ ...options, isShown: true }),
  liveTimeline({ ...options, isShown: false }),
]);

const growth = ({ heapBytes }: TimelineLife) => (heapBytes.at(-1) ?? NaN) - (heapBytes[0] ?? NaN);
const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(2)} MB`;
const share = (ms: number) => `${((100 * ms) / (runMs - options.sleepMs)).toFixed(2)} %`;
const rows: readonly (readonly [string, (life: TimelineLife) => string])[] = [
  ['main thread, of a core', ({ taskMs }) => share(taskMs)],
  ['script in it', ({ scriptMs }) => share(scriptMs)],
  ...options.heapAtMs.map(
    (at, index) =>
      [
        `heap at minute ${at / minuteMs}`,
        ({ heapBytes }: TimelineLife) => megabytes(heapBytes[index] ?? NaN),
      ] as const,
  ),
  ['growth', life => megabytes(growth(life))],
];
console.log(`${''.padEnd(24)}${'with panel'.padStart(12)}${'without'.padStart(12)}`);
for (const [name, cell] of rows)
  console.log(name.padEnd(24) + cell(shown).padStart(12) + cell(hidden).padStart(12));
console.log(`\nsecrets looked for: ${shown.secrets}, shown or exported: ${shown.leaks.length}`);
console.log(`report: ${shown.report.length} characters; marks in sight: ${shown.marks.length}`);
console.log(
  `\nThe list, newest first:\n${shown.lines.map(line => `  ${line.replaceAll('\n', ' ')}`).join('\n')}`,
);

const isGrowing = growth(shown) - Math.max(0, growth(hidden)) > mostGrowth;
if (isGrowing || shown.leaks.length > 0) {
  console.error(isGrowing ? 'The panel grows.' : `It shows: ${shown.leaks.join(', ')}`);
  process.exitCode = 1;
}

import type { LaptopSleep } from '../browser/laptopLid';
import { draftText } from '../browser/laptopLog';
import type { LaptopSleepReport } from '../browser/laptopSleep';

/** What the commands of problem 4 share: the script, its words on the command line, and how a run is printed. */

type Wake = LaptopSleep['wake'];

// A sixth of the real thing, so that nobody has to wait for minutes.
const script = { tokenMs: 10_000, sleepMs: 30_000, networkDeadMs: 5_000, watchMs: 8_000 };

const stories: Record<Wake, string> = {
  silent: 'The tab was in front and hears nothing of the sleep',
  events: 'The tab hears visibilitychange, focus, pageshow and online, all before the network is back',
  offline: 'The tab is told that it is offline until the network is back',
};

/** Reads `<kind> [silent|events|offline]`; anything else ends the process with how to call it. */
export function laptopArguments<K extends string>(command: string, kinds: readonly K[]): [K, Wake[]] {
  const [kind, only] = process.argv.slice(2);
  const wakes = Object.keys(stories);
  if (isOneOf(kind, kinds) && only === undefined) return [kind, ['silent', 'events']];
  if (isOneOf(kind, kinds) && isOneOf(only, wakes)) return [kind, [only as Wake]];
  console.error(`Usage: ${command} ${kinds.join('|')} [${wakes.join('|')}]`);
  return process.exit(2);
}

/** Plays the script once for each way to wake, side by side, and prints what became of the user. */
export async function tellLaptopStories<R extends LaptopSleepReport>(
  who: string,
  wakes: readonly Wake[],
  play: (sleep: LaptopSleep) => Promise<R>,
  figures: (report: R) => Record<string, string>,
): Promise<void> {
  const { tokenMs, sleepMs, networkDeadMs } = script;
  console.log(
    `${who}. The token lives ${tokenMs / 1000} s, the laptop sleeps ${sleepMs / 1000} s, ` +
      `and its network is back ${networkDeadMs / 1000} s after the wake. This takes a minute.`,
  );
  const reports = await Promise.all(wakes.map(wake => play({ ...script, wake })));
  for (const [index, report] of reports.entries())
    console.log(storyOf(stories[wakes[index]!], report, figures(report)));
}

/** "after 950 ms", in a figure. */
export const afterMs = (ms: number | null): string => (ms === null ? 'never' : `${ms} ms`);

function storyOf(title: string, report: LaptopSleepReport, figures: Record<string, string>): string {
  const { mounts, signOuts, reloads, draft, screen, timeline } = report;
  const losses = [
    ...(signOuts > 0 ? ['signed out'] : []),
    ...(reloads > 0 ? ['reloaded'] : []),
    ...(draft === draftText ? [] : ['the draft is gone']),
  ];
  const lines = Object.entries({
    'signed-in tree mounted': `${mounts}x`,
    'signed in -> signed out': `${signOuts}x`,
    'page reloads': `${reloads}x`,
    ...figures,
    draft: draft === draftText ? 'kept' : 'LOST',
    'on the screen': screen,
  });
  return `
=== ${title} ===

${timeline
  .map(({ atMs, who, what }) => `${(atMs / 1000).toFixed(2).padStart(8)} s  ${who.padEnd(8)} ${what}`)
  .join('\n')}

${lines.map(([name, value]) => `  ${name.padEnd(32)}${value}`).join('\n')}

  ${losses.length > 0 ? `THE USER WAS LOST: ${losses.join(', ')}.` : 'The user is still there: signed in, nothing reloaded, the draft kept.'}`;
}

function isOneOf<T extends string>(value: string | undefined, options: readonly T[]): value is T {
  return (options as readonly (string | undefined)[]).includes(value);
}

import {
  draftText,
  playLaptopSleep,
  timelineTable,
  type LaptopSleep,
  type LaptopSleepReport,
} from './laptopSleep';

/**
 * `tsx tests/browser/demoFailure.ts plain|ours [silent|events|offline]`: closes the lid of a laptop over a page with a
 * short-lived token and prints what happens, with a plain client or with this package. Page and script are the same.
 * Without a second word two laptops sleep side by side: one tab hears nothing of the sleep, one hears every wake event.
 */

const [client = 'ours', only] = process.argv.slice(2);
if (
  !isOneOf(client, ['plain', 'ours']) ||
  !(only === undefined || isOneOf(only, ['silent', 'events', 'offline']))
) {
  console.error('Usage: tsx tests/browser/demoFailure.ts plain|ours [silent|events|offline]');
  process.exit(2);
}

// A sixth of the real thing, so that nobody has to wait four minutes.
const script: Omit<LaptopSleep, 'wake'> = {
  client,
  tokenMs: 10_000,
  sleepMs: 30_000,
  networkDeadMs: 5_000,
  watchMs: 8_000,
};
const stories: Record<LaptopSleep['wake'], string> = {
  silent: 'The tab was in front and hears nothing of the sleep',
  events: 'The tab hears visibilitychange, focus, pageshow and online, all before the network is back',
  offline: 'The tab is told that it is offline until the network is back',
};

const name = client === 'plain' ? 'a plain client' : 'react-auth-socket';
console.log(
  `A page with ${name}. The token lives ${script.tokenMs / 1000} s, the laptop sleeps ${script.sleepMs / 1000} s, ` +
    `and its network is back ${script.networkDeadMs / 1000} s after the wake. This takes a minute.`,
);
const wakes: LaptopSleep['wake'][] = only === undefined ? ['silent', 'events'] : [only];
const reports = await Promise.all(wakes.map(wake => playLaptopSleep({ ...script, wake })));
for (const [index, report] of reports.entries()) console.log(storyOf(stories[wakes[index]!], report));

function storyOf(title: string, report: LaptopSleepReport): string {
  const { mounts, signOuts, reloads, openAfterMs, draft, screen } = report;
  const losses = [
    ...(signOuts > 0 ? ['signed out'] : []),
    ...(reloads > 0 ? ['reloaded'] : []),
    ...(draft === draftText ? [] : ['the draft is gone']),
  ];
  return `
=== ${title} ===

${timelineTable(report)}

  signed-in tree mounted    ${mounts}x
  signed in -> signed out   ${signOuts}x
  page reloads              ${reloads}x
  open after the network    ${openAfterMs === null ? 'never' : `${openAfterMs} ms`}
  draft                     ${draft === draftText ? 'kept' : 'LOST'}
  on the screen             ${screen}

  ${losses.length > 0 ? `THE USER WAS LOST: ${losses.join(', ')}.` : 'The user is still there: signed in, nothing reloaded, the draft kept.'}`;
}

function isOneOf<T extends string>(value: string, options: readonly T[]): value is T {
  return (options as readonly string[]).includes(value);
}

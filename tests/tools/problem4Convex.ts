import { playConvexLaptop, type ConvexLaptop, type ConvexLaptopReport } from '../browser/convexLaptop';
import { draftText, timelineTable } from '../browser/laptopSleep';

/**
 * `npm run problem4:convex:template` or `problem4:convex:ours [-- silent|events|offline]`: closes the lid of a laptop over a page of the
 * real AuthKit and Convex SDKs and prints what happens, joined as their template does or with this package. Page, servers and
 * script are the same. Without a second word two laptops sleep side by side.
 */

const [wiring = 'ours', only] = process.argv.slice(2);
if (
  !isOneOf(wiring, ['template', 'ours']) ||
  !(only === undefined || isOneOf(only, ['silent', 'events', 'offline']))
) {
  console.error('Usage: tsx tests/tools/problem4Convex.ts template|ours [silent|events|offline]');
  process.exit(2);
}

// A sixth of the real thing, so that nobody has to wait six minutes.
const script: Omit<ConvexLaptop, 'wake'> = {
  wiring,
  tokenMs: 10_000,
  sleepMs: 30_000,
  networkDeadMs: 5_000,
  watchMs: 8_000,
};
const stories: Record<ConvexLaptop['wake'], string> = {
  silent: 'The tab was in front and hears nothing of the sleep',
  events: 'The tab hears visibilitychange, focus, pageshow and online, all before the network is back',
  offline: 'The tab is told that it is offline until the network is back',
};

const name = wiring === 'template' ? 'joined as in the template' : 'with react-auth-socket between them';
console.log(
  `AuthKit and Convex, ${name}. The token lives ${script.tokenMs / 1000} s, the laptop sleeps ` +
    `${script.sleepMs / 1000} s, and its network is back ${script.networkDeadMs / 1000} s after the wake. This takes a minute.`,
);
const wakes: ConvexLaptop['wake'][] = only === undefined ? ['silent', 'events'] : [only];
const reports = await Promise.all(wakes.map(wake => playConvexLaptop({ ...script, wake })));
for (const [index, report] of reports.entries()) console.log(storyOf(stories[wakes[index]!], report));

function storyOf(title: string, report: ConvexLaptopReport): string {
  const { mounts, signOuts, reloads, tokenAfterMs, openAfterMs, draft, screen } = report;
  const after = (ms: number | null) => (ms === null ? 'never' : `${ms} ms`);
  const isLost = signOuts > 0 || reloads > 0 || draft !== draftText;
  return `
=== ${title} ===

${timelineTable(report)}

  signed-in tree mounted          ${mounts}x
  signed in -> signed out         ${signOuts}x
  page reloads                    ${reloads}x
  new token after the network     ${after(tokenAfterMs)}
  new data after the network      ${after(openAfterMs)}
  draft                           ${draft === draftText ? 'kept' : 'LOST'}
  on the screen                   ${screen}

  ${isLost ? 'THE USER WAS LOST: AuthKit has a good token, and nobody asks for it.' : 'The user is still there: signed in, nothing reloaded, the draft kept.'}`;
}

function isOneOf<T extends string>(value: string, options: readonly T[]): value is T {
  return (options as readonly string[]).includes(value);
}

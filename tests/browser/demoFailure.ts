import { playLaptopSleep, timelineTable, type LaptopSleep } from './laptopSleep';

/**
 * `tsx tests/browser/demoFailure.ts plain|ours [silent|events|offline]`: closes the lid of a laptop over a page with a
 * token of a minute and prints what happens, with a plain client or with this package. Page and script are the same.
 */

const [client = 'ours', wake = 'events'] = process.argv.slice(2);
if (!isOneOf(client, ['plain', 'ours']) || !isOneOf(wake, ['silent', 'events', 'offline'])) {
  console.error('Usage: tsx tests/browser/demoFailure.ts plain|ours [silent|events|offline]');
  process.exit(2);
}

// A sixth of the real thing, so that nobody has to wait four minutes: token 10 s, sleep 30 s, no network for 5 s.
const script: LaptopSleep = {
  client,
  wake,
  tokenMs: 10_000,
  sleepMs: 30_000,
  networkDeadMs: 5_000,
  watchMs: 8_000,
};
console.log(`Client: ${client}. Token ${script.tokenMs / 1000} s, sleep ${script.sleepMs / 1000} s, …`);
const report = await playLaptopSleep(script);
console.log(timelineTable(report));
console.log(`
signed-in tree mounted    ${report.mounts}x
signed in -> signed out   ${report.signOuts}x
page reloads              ${report.reloads}x
open after the network    ${report.openAfterMs === null ? 'never' : `${report.openAfterMs} ms`}
draft                     ${report.draft ? 'kept' : 'LOST'}
on the screen             ${report.screen}`);

function isOneOf<T extends string>(value: string, options: readonly T[]): value is T {
  return (options as readonly string[]).includes(value);
}

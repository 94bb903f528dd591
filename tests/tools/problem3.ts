import { playGuideStory, type GuideStory } from '../server/dialects/guideStory';
import { chosenClient, printTimeline } from './printTimeline';

/**
 * `tsx tests/tools/problem3.ts reported|ours`: a page stays open while its token runs out again and again, and prints
 * what becomes of it: with a client as the guide "1008: authentication expired" has it, or with this package. Server
 * and script are the same. An hour lasts two and a half seconds.
 */

const client = chosenClient('tests/tools/problem3.ts');
const hourMs = 2_500;
const stories: readonly (readonly [string, Omit<GuideStory, 'client'>])[] = [
  ['3a: the page stays open for five hours, a token lives one', { lifeMs: hourMs, watchMs: 5 * hourMs }],
  [
    '3c: the refresh endpoint is away when it is needed, and for half an hour after the expiry',
    {
      lifeMs: hourMs,
      watchMs: 3 * hourMs,
      trouble: (server, note) => {
        note('the refresh endpoint goes away');
        server.faults.set('/auth/refresh', { kind: 'offline', forMs: 1.5 * hourMs });
        setTimeout(() => note('the refresh endpoint is back'), 1.5 * hourMs).unref();
      },
    },
  ],
  [
    '3f: the server closes with 1008 because of a rate limit, "come back in 2 s"',
    {
      lifeMs: 20 * hourMs,
      watchMs: 4_000,
      trouble: async server => {
        await new Promise(resolve => setTimeout(resolve, 500));
        await server.control({
          command: 'close',
          code: 1008,
          reason: '{"code":"rate_limited","retry_after":2}',
        });
      },
    },
  ],
];

const name = client === 'reported' ? 'the client as the guide has it' : 'react-auth-socket';
console.log(`A page with ${name}. This takes about fifteen seconds.`);
const reports = await Promise.all(stories.map(([, story]) => playGuideStory({ ...story, client })));
for (const [index, [title]] of stories.entries()) {
  const { timeline, sockets, refreshes, acks, uncaught, logins, isOpen } = reports[index]!;
  printTimeline(title, timeline);
  console.log(`  sockets                     ${sockets}`);
  console.log(`  refreshes                   ${refreshes}, ${acks} of them taken over the open socket`);
  console.log(`  uncaught rejections         ${uncaught}`);
  console.log(`  connected at the end        ${isOpen ? 'yes' : 'no'}`);
  console.log(logins > 0 ? '\n  THE USER WAS LOST: at /login.' : '\n  The user is still there.');
}

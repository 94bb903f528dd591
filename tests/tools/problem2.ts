import { playOpenScannerStorm, type OpenScannerStorm } from '../server/dialects/openScannerStorm';
import { chosenClient, printTimeline } from './printTimeline';

/**
 * `tsx tests/tools/problem2.ts reported|ours`: a tab comes back to OpenScanner with a token that other devices have
 * pushed out, and prints what a client makes of the server's "session expired": the one that was reported in
 * revtex/OpenScanner#31, or this package. Server and script are the same.
 */

const client = chosenClient('tests/tools/problem2.ts');
const script: Pick<OpenScannerStorm, 'client' | 'handshakeMs' | 'quietMs' | 'closesEverySocket'> = {
  client,
  handshakeMs: 350,
  quietMs: 2_000,
  closesEverySocket: true,
};
const stories: readonly (readonly [string, Partial<OpenScannerStorm> & { refreshMs: number }])[] = [
  ['The refresh takes 2.5 s', { refreshMs: 2_500 }],
  ['The network is away for 3 s', { refreshMs: 100, unreachableMs: 3_000 }],
  [
    'The refresh takes 2.5 s, and a refresh cookie counts only once',
    { refreshMs: 2_500, server: { refreshGraceMs: 0 } },
  ],
];

const name = client === 'reported' ? 'the client as reported' : 'react-auth-socket';
console.log(`OpenScanner with ${name}. This takes about ten seconds.`);
const reports = await Promise.all(stories.map(([, story]) => playOpenScannerStorm({ ...script, ...story })));
for (const [index, [title]] of stories.entries()) {
  const { timeline, sockets, refreshes, oldTokens, closedWhileConnecting, signOuts, isOpen } =
    reports[index]!;
  printTimeline(title, timeline);
  console.log(`  new sockets                     ${sockets - 1}   (one is enough)`);
  console.log(`  refreshes                       ${refreshes}   (one that gets through is enough)`);
  console.log(`  refused token presented again   ${oldTokens}x`);
  console.log(`  closed while still connecting   ${closedWhileConnecting}x`);
  console.log(`  connected at the end            ${isOpen ? 'yes' : 'no'}`);
  console.log(signOuts > 0 ? '\n  THE USER WAS LOST: signed out.' : '\n  The user is still signed in.');
}

import type { Stage } from '../stage';
import { ended, FAILED, opened, reached, type ConformanceRow } from './row';

/** The page closes an open link; commands of its own surround it. */
const pageCloses =
  (...args: readonly unknown[]) =>
  async (stage: Stage) => {
    await opened(stage);
    await stage.client.run(['close', 's', ...args], ['read', 's', 'readyState']);
    await ended(stage);
  };

/** Links and dials that the page ends. */
export const closedByPageRows: readonly ConformanceRow[] = [
  {
    title: 'F14 close() while connecting: a warning, error, then 1006; code and reason are lost',
    async script(stage) {
      // To the page's own address, where nobody answers and nobody counts: whether the handshake had left is a race.
      await stage.client.run(
        ['open', 's', ''],
        ['close', 's', 4000, 'gone'],
        ['read', 's', 'readyState'],
        ['close', 's', 4001],
      );
      await ended(stage);
    },
    client: ['s readyState=2', ...FAILED, 'console: closed while connecting'],
    peer: [],
  },
  {
    title: 'F14 close() while the handshake is on its way: a warning, error, then 1006',
    async script(stage) {
      const { client, peer } = stage;
      peer.welcome('hang');
      await client.run(['open', 's', peer.url]);
      await reached(stage);
      await client.run(['close', 's'], ['read', 's', 'readyState']);
      await ended(stage);
      peer.welcome('accept');
    },
    client: ['s readyState=2', ...FAILED, 'console: closed while connecting'],
    peer: ['dialled []'],
  },
  {
    title: 'close(1000) with a reason is answered: clean, and the peer reads both',
    script: pageCloses(1000, 'bye'),
    client: ['s open readyState=1', 's readyState=2', 's close 1000 "bye" clean readyState=3'],
    peer: ['dialled []', 'link; close 1000 "bye"'],
  },
  {
    title: 'close() without a code is 1005 on both sides',
    script: pageCloses(),
    client: ['s open readyState=1', 's readyState=2', 's close 1005 "" clean readyState=3'],
    peer: ['dialled []', 'link; close 1005 ""'],
  },
  {
    title: 'close(1000) has an empty reason',
    script: pageCloses(1000),
    client: ['s open readyState=1', 's readyState=2', 's close 1000 "" clean readyState=3'],
    peer: ['dialled []', 'link; close 1000 ""'],
  },
  {
    title: 'close(3000) is allowed',
    script: pageCloses(3000),
    client: ['s open readyState=1', 's readyState=2', 's close 3000 "" clean readyState=3'],
    peer: ['dialled []', 'link; close 3000 ""'],
  },
  {
    title: 'close(4999) is allowed',
    script: pageCloses(4999, 'ü'),
    client: ['s open readyState=1', 's readyState=2', 's close 4999 "ü" clean readyState=3'],
    peer: ['dialled []', 'link; close 4999 "ü"'],
  },
  {
    title: 'close() takes the whole part of a fraction, and a number written as text',
    script: pageCloses('4000.9', 5),
    client: ['s open readyState=1', 's readyState=2', 's close 4000 "5" clean readyState=3'],
    peer: ['dialled []', 'link; close 4000 "5"'],
  },
  {
    title: 'close() with a code that no page may send throws InvalidAccessError and changes nothing',
    async script(stage) {
      await opened(stage);
      const codes = [1001, 1005, 1006, 1008, 1011, 1012, 2999, 5000, 0, -1, NaN, null, 'x', 66_536];
      await stage.client.run(
        ...codes.map(code => ['close', 's', code] as const),
        ['close', 's', undefined, 'r'],
        ['read', 's', 'readyState'],
        ['send', 's', 'still here'],
        ['close', 's', undefined, undefined],
      );
      await ended(stage);
      await stage.client.run(['close', 's', 1001], ['close', 's', 1000]);
    },
    client: [
      's open readyState=1',
      's close(1001) threw InvalidAccessError',
      's close(1005) threw InvalidAccessError',
      's close(1006) threw InvalidAccessError',
      's close(1008) threw InvalidAccessError',
      's close(1011) threw InvalidAccessError',
      's close(1012) threw InvalidAccessError',
      's close(2999) threw InvalidAccessError',
      's close(5000) threw InvalidAccessError',
      's close(0) threw InvalidAccessError',
      's close(-1) threw InvalidAccessError',
      's close(NaN) threw InvalidAccessError',
      's close(null) threw InvalidAccessError',
      's close(x) threw InvalidAccessError',
      's close(66536) threw InvalidAccessError',
      's close(undefined,r) threw InvalidAccessError',
      's readyState=1',
      's close 1005 "" clean readyState=3',
      's close(1001) threw InvalidAccessError',
    ],
    peer: ['dialled []', 'link; "still here"; close 1005 ""'],
  },
  {
    title: 'close() with a reason of more than 123 bytes throws SyntaxError, and bytes are counted in UTF-8',
    async script(stage) {
      await opened(stage);
      await stage.client.run(
        ['close', 's', 1000, 'a'.repeat(124)],
        ['close', 's', 1000, '中'.repeat(42)],
        ['close', 's', 1001, '中'.repeat(42)],
        ['read', 's', 'readyState'],
        ['close', 's', 1000, '中'.repeat(41)],
      );
      await ended(stage);
    },
    client: [
      's open readyState=1',
      `s close(1000,${'a'.repeat(124)}) threw SyntaxError`,
      `s close(1000,${'中'.repeat(42)}) threw SyntaxError`,
      `s close(1001,${'中'.repeat(42)}) threw InvalidAccessError`,
      's readyState=1',
      `s close 1000 "${'中'.repeat(41)}" clean readyState=3`,
    ],
    peer: ['dialled []', `link; close 1000 "${'中'.repeat(41)}"`],
  },
  {
    title: 'only the first close() counts',
    async script(stage) {
      await opened(stage);
      await stage.client.run(['close', 's', 4001, 'first'], ['close', 's', 4002, 'second']);
      await ended(stage);
      await stage.client.run(['close', 's', 4003, 'third'], ['read', 's', 'readyState']);
    },
    client: ['s open readyState=1', 's close 4001 "first" clean readyState=3', 's readyState=3'],
    peer: ['dialled []', 'link; close 4001 "first"'],
  },
  {
    title: 'of two close frames that cross, the page reads the one of the peer',
    async script(stage) {
      const { client, peer } = stage;
      await opened(stage);
      await client.run(['on', 's', 'message', [['close', 's', 4000, 'mine']]]);
      await peer.atOnce(
        () => peer.send('one'),
        () => peer.close(4001, 'yours'),
      );
      await ended(stage);
    },
    client: [
      's open readyState=1',
      's message "one" readyState=1',
      's close 4001 "yours" clean readyState=3',
    ],
    peer: ['dialled []', 'link'],
  },
  {
    title: 'a close that the peer does not answer leaves the socket CLOSING, without an event',
    async script(stage) {
      const { client, peer } = stage;
      await opened(stage);
      await peer.goDeaf();
      await client.run(['close', 's', 1000, 'bye']);
      await client.pause(500);
      await client.run(['read', 's', 'readyState']);
    },
    client: ['s open readyState=1', 's readyState=2'],
    peer: ['dialled []', 'link'],
  },
  {
    title: 'a page that closes in the open handler closes cleanly and gets none of the messages behind it',
    async script(stage) {
      const { client, peer } = stage;
      peer.greetWith('hello', 'world');
      await client.run(['open', 's', peer.url], ['on', 's', 'open', [['close', 's', 1000, 'no thanks']]]);
      await ended(stage);
    },
    client: ['s open readyState=1', 's close 1000 "no thanks" clean readyState=3'],
    peer: ['dialled []', 'link; close 1000 "no thanks"'],
  },
];

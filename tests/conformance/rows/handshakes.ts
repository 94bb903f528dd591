import type { Stage, Welcome } from '../stage';
import { ended, FAILED, reached, type ConformanceRow } from './row';

/** The page dials a peer that treats it like this. */
const dialled = (how: Welcome, protocols?: readonly string[]) => async (stage: Stage) => {
  const { client, peer } = stage;
  peer.welcome(how);
  await client.run(protocols ? ['open', 's', peer.url, protocols] : ['open', 's', peer.url]);
  await ended(stage);
};

/** Dials that are refused, forbidden, kept waiting, or agree on a subprotocol. */
export const handshakeRows: readonly ConformanceRow[] = [
  {
    title: 'F13 a port where nobody listens: error, then 1006',
    script: dialled('refuse'),
    client: FAILED,
    peer: [],
  },
  {
    title: 'F13 a handshake answered with 401 cannot be told from a refused connection',
    script: dialled('unauthorized'),
    client: FAILED,
    peer: ['dialled []'],
  },
  {
    title: 'a redirected handshake is not followed and looks like a refused connection',
    script: dialled('redirect'),
    client: FAILED,
    peer: ['dialled []'],
  },
  {
    title: 'a peer that names none of the offered subprotocols fails the link',
    script: dialled('forget-subprotocol', ['a', 'b']),
    client: FAILED,
    peer: ['dialled [a,b]', 'link'],
  },
  {
    title: 'a peer that names a subprotocol of its own fails the link',
    script: dialled('invent-subprotocol', ['a', 'b']),
    client: FAILED,
    peer: ['dialled [a,b]', 'link'],
  },
  {
    title: 'a peer that names a subprotocol although none was offered fails the link',
    script: dialled('invent-subprotocol'),
    client: FAILED,
    peer: ['dialled []', 'link'],
  },
  {
    title: 'the subprotocol that was agreed on can be read from the open event on',
    async script(stage) {
      await stage.client.run(
        ['open', 's', stage.peer.url, ['a', 'b']],
        ['read', 's', 'protocol'],
        ['on', 's', 'open', [['read', 's', 'protocol']]],
      );
      await stage.client.until('s protocol=b');
      await stage.client.run(['read', 's', 'extensions'], ['close', 's', 1000]);
      await ended(stage);
      await stage.client.run(['read', 's', 'protocol']);
    },
    client: [
      's protocol=',
      's open readyState=1',
      's protocol=b',
      's extensions=',
      's close 1000 "" clean readyState=3',
      's protocol=b',
    ],
    peer: ['dialled [a,b]', 'link; close 1000 ""'],
  },
  {
    title: 'URLs that cannot be dialled throw SyntaxError',
    async script({ client, peer }) {
      const urls = [`${peer.url}#part`, `${peer.url}#`, 'ftp://host/', 'http://', 'wss://', 'mailto:a@b'];
      await client.run(...urls.map((url, index) => ['open', `url ${index}`, url] as const));
    },
    client: [
      'url 0 new WebSocket threw SyntaxError',
      'url 1 new WebSocket threw SyntaxError',
      'url 2 new WebSocket threw SyntaxError',
      'url 3 new WebSocket threw SyntaxError',
      'url 4 new WebSocket threw SyntaxError',
      'url 5 new WebSocket threw SyntaxError',
    ],
    peer: [],
  },
  {
    title: 'an empty URL and "::" are paths of the page, and http stands for ws',
    async script({ client, peer }) {
      peer.welcome('hang');
      const http = peer.url.replace('ws:', 'http:');
      await client.run(
        ['open', 'empty', ''],
        ['read', 'empty', 'url'],
        ['open', 'colons', '::'],
        ['read', 'colons', 'url'],
        ['open', 'path', '/ws?a=b c'],
        ['read', 'path', 'url'],
        ['open', 'http', http],
        ['read', 'http', 'url'],
      );
    },
    client: [
      'empty url=ws://host/',
      'colons url=ws://host/::',
      'path url=ws://host/ws?a=b%20c',
      'http url=ws://host/',
    ],
    peer: ['dialled []'],
  },
  {
    title:
      'a dial that the content security policy of the page forbids: error, closed, and never a close event',
    async script({ client, peer }) {
      await client.forbidDials();
      await client.run(
        ['open', 's', peer.url],
        ['read', 's', 'readyState'],
        [
          'on',
          's',
          'error',
          [
            ['close', 's', 1000],
            ['send', 's', 'abc'],
            ['read', 's', 'bufferedAmount'],
          ],
        ],
      );
      await client.until('s error');
      await client.pause(500);
      await client.run(['read', 's', 'readyState']);
    },
    client: [
      's readyState=3',
      's error readyState=3',
      's bufferedAmount=3',
      's readyState=3',
      'console: sent after the end',
    ],
    peer: [],
  },
  {
    title: 'subprotocols with a separator, a space, nothing in them, or named twice throw SyntaxError',
    async script({ client, peer }) {
      const lists = ['a=b', 'a b', '', ['a', 'a'], ['a', ''], 'a,b', 'ü'];
      await client.run(...lists.map((list, index) => ['open', `list ${index}`, peer.url, list] as const));
    },
    client: [
      'list 0 new WebSocket threw SyntaxError',
      'list 1 new WebSocket threw SyntaxError',
      'list 2 new WebSocket threw SyntaxError',
      'list 3 new WebSocket threw SyntaxError',
      'list 4 new WebSocket threw SyntaxError',
      'list 5 new WebSocket threw SyntaxError',
      'list 6 new WebSocket threw SyntaxError',
    ],
    peer: [],
  },
  {
    title: 'F20 a second handshake to the same address waits until the first is answered',
    async script(stage) {
      const { client, peer } = stage;
      peer.welcome('hang');
      await client.run(['open', 'first', peer.url, 'one'], ['open', 'second', peer.url, 'two']);
      await reached(stage);
      await client.pause(300);
      await client.run(['read', 'first', 'readyState'], ['read', 'second', 'readyState']);
      peer.welcome('accept');
      await client.until('second open');
    },
    client: [
      'first readyState=0',
      'second readyState=0',
      'first open readyState=1',
      'second open readyState=1',
    ],
    peer: ['dialled [one]', 'dialled [two]', 'link', 'link'],
  },
  {
    title: 'F20 a second handshake to the same address leaves as soon as the first is given up',
    async script(stage) {
      const { client, peer } = stage;
      peer.welcome('hang');
      await client.run(['open', 'first', peer.url, 'one'], ['open', 'second', peer.url, 'two']);
      await reached(stage);
      await client.run(['close', 'first']);
      await client.until('first close');
      await reached(stage, 2);
      await client.run(['read', 'second', 'readyState']);
      peer.welcome('accept');
      await client.until('second open');
    },
    client: [
      'first error readyState=3',
      'first close 1006 "" unclean readyState=3',
      'second readyState=0',
      'second open readyState=1',
      'console: closed while connecting',
    ],
    peer: ['dialled [one]', 'dialled [two]', 'link'],
  },
];

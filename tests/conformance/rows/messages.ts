import { ended, opened, type ConformanceRow } from './row';

/** What is sent, received and counted. */
export const messageRows: readonly ConformanceRow[] = [
  {
    title:
      'a link opens, carries messages both ways in order, and is closed by the peer with a code and a reason',
    async script(stage) {
      const { client, peer } = stage;
      await client.run(['open', 's', peer.url], ['read', 's', 'readyState'], ['read', 's', 'url']);
      await client.until('s open');
      await client.run(['send', 's', 'up 1'], ['send', 's', ''], ['send', 's', 'ü 👍']);
      await peer.atOnce(
        () => peer.send('down 1'),
        () => peer.send(''),
        () => peer.send('ü 👍'),
        () => peer.close(1000, 'done'),
      );
      await ended(stage);
    },
    client: [
      's readyState=0',
      's url=ws://host/',
      's open readyState=1',
      's message "down 1" readyState=1',
      's message "" readyState=1',
      's message "ü 👍" readyState=1',
      's close 1000 "done" clean readyState=3',
    ],
    peer: ['dialled []', 'link; "up 1"; ""; "ü 👍"'],
  },
  {
    title: 'send() while connecting throws InvalidStateError',
    async script(stage) {
      const { client, peer } = stage;
      await client.run(['open', 's', peer.url], ['send', 's', 'early'], ['read', 's', 'bufferedAmount']);
      await client.until('s open');
      await client.run(['close', 's', 1000]);
      await ended(stage);
    },
    client: [
      's send() threw InvalidStateError',
      's bufferedAmount=0',
      's open readyState=1',
      's close 1000 "" clean readyState=3',
    ],
    peer: ['dialled []', 'link; close 1000 ""'],
  },
  {
    title:
      'send() after the end does not throw, reaches nobody, counts in bufferedAmount and prints an error',
    async script(stage) {
      await opened(stage);
      await stage.client.run(
        ['close', 's', 1000],
        ['send', 's', 'hello'],
        ['read', 's', 'bufferedAmount'],
        ['send', 's', 'äöü€'],
        ['read', 's', 'bufferedAmount'],
      );
      await ended(stage);
      await stage.client.run(['send', 's', [1, 2, 3, 4]], ['read', 's', 'bufferedAmount']);
    },
    client: [
      's open readyState=1',
      's bufferedAmount=5',
      's bufferedAmount=14',
      's close 1000 "" clean readyState=3',
      's bufferedAmount=18',
      'console: sent after the end',
      'console: sent after the end',
      'console: sent after the end',
    ],
    peer: ['dialled []', 'link; close 1000 ""'],
  },
  {
    title: 'bufferedAmount counts what was sent in this task, and is 0 again later',
    async script(stage) {
      const { client } = stage;
      await opened(stage);
      await client.run(['send', 's', 'hello'], ['send', 's', [1, 2]], ['read', 's', 'bufferedAmount']);
      await client.pause(250);
      await client.run(['read', 's', 'bufferedAmount']);
      await client.run(
        ['send', 's', 'hello'],
        ['close', 's', 1000],
        ['send', 's', 'more'],
        ['read', 's', 'bufferedAmount'],
      );
      await ended(stage);
      await client.run(['read', 's', 'bufferedAmount']);
    },
    client: [
      's open readyState=1',
      's bufferedAmount=7',
      's bufferedAmount=0',
      's bufferedAmount=9',
      's close 1000 "" clean readyState=3',
      's bufferedAmount=4',
      'console: sent after the end',
    ],
    peer: ['dialled []', 'link; "hello"; bytes [1,2]; "hello"; close 1000 ""'],
  },
  {
    title: 'F12 bufferedAmount stays 0 and the link OPEN while nobody reads what is sent',
    async script(stage) {
      const { client, peer } = stage;
      await opened(stage);
      await peer.goDeaf();
      for (const text of ['one', 'two', 'three']) {
        await client.run(['send', 's', text]);
        await client.pause(60);
      }
      await client.run(['read', 's', 'bufferedAmount'], ['read', 's', 'readyState']);
    },
    client: ['s open readyState=1', 's bufferedAmount=0', 's readyState=1'],
    peer: ['dialled []', 'link'],
  },
  {
    title: 'messages behind the one in whose handler the page closes are not delivered',
    async script(stage) {
      const { client, peer } = stage;
      await opened(stage);
      await client.run(['on', 's', 'message', [['close', 's', 4000, 'enough']]]);
      await peer.atOnce(
        () => peer.send('one'),
        () => peer.send('two'),
        () => peer.send('three'),
      );
      await ended(stage);
    },
    client: [
      's open readyState=1',
      's message "one" readyState=1',
      's close 4000 "enough" clean readyState=3',
    ],
    peer: ['dialled []', 'link; close 4000 "enough"'],
  },
  {
    title: 'messages that come right behind the handshake are delivered after open, each once',
    async script(stage) {
      const { client, peer } = stage;
      peer.greetWith('hello', 'world');
      await client.run(['open', 's', peer.url]);
      await client.until('s message "world"');
      await client.run(['close', 's', 1000]);
      await ended(stage);
    },
    client: [
      's open readyState=1',
      's message "hello" readyState=1',
      's message "world" readyState=1',
      's close 1000 "" clean readyState=3',
    ],
    peer: ['dialled []', 'link; close 1000 ""'],
  },
  {
    title: 'bytes arrive as a Blob, and as an ArrayBuffer once the page asks for it; both ways unchanged',
    async script(stage) {
      const { client, peer } = stage;
      await opened(stage);
      await peer.send([0, 1, 255]);
      await client.until('s message Blob');
      await client.run(['binaryType', 's', 'arraybuffer'], ['send', 's', [9, 0, 200]], ['send', 's', []]);
      await peer.send([0, 1, 255]);
      await client.until('s message bytes');
      await peer.close(1000);
      await ended(stage);
    },
    client: [
      's open readyState=1',
      's message Blob of 3 readyState=1',
      's message bytes [0,1,255] readyState=1',
      's close 1000 "" clean readyState=3',
    ],
    peer: ['dialled []', 'link; bytes [9,0,200]; bytes []'],
  },
];

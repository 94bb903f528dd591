import type { Stage } from '../stage';
import { ended, FAILED, opened, type ConformanceRow } from './row';

/** The peer closes an open link. */
const peerCloses = (code?: number, reason?: string) => async (stage: Stage) => {
  await opened(stage);
  await stage.peer.close(code, reason);
  await ended(stage);
};

/** Links that the peer ends, in order or not. */
export const closedByPeerRows: readonly ConformanceRow[] = [
  {
    title: 'a close frame without a code reads as 1005',
    script: peerCloses(),
    client: ['s open readyState=1', 's close 1005 "" clean readyState=3'],
    peer: ['dialled []', 'link'],
  },
  {
    title: 'a close with 1008 and a reason arrives as it was sent',
    script: peerCloses(1008, '{"code":"token_expired"}'),
    client: ['s open readyState=1', 's close 1008 "{\\"code\\":\\"token_expired\\"}" clean readyState=3'],
    peer: ['dialled []', 'link'],
  },
  {
    title: 'a close with 1012 arrives without a reason when none was given',
    script: peerCloses(1012),
    client: ['s open readyState=1', 's close 1012 "" clean readyState=3'],
    peer: ['dialled []', 'link'],
  },
  ...[999, 1001, 1004, 1011, 1013, 2000, 4401, 5000].map(code => ({
    title: `close codes of the peer are not filtered: ${code} arrives, clean`,
    script: peerCloses(code, 'why'),
    client: ['s open readyState=1', `s close ${code} "why" clean readyState=3`],
    peer: ['dialled []', 'link'],
  })),
  ...[1005, 1006, 1015].map(code => ({
    title: `a close frame that carries ${code}, which no frame may, fails the link: error, then 1006`,
    script: peerCloses(code),
    client: ['s open readyState=1', ...FAILED],
    peer: ['dialled []', 'link'],
  })),
  {
    title: 'F15 a reset connection closes with 1006 and fires no error',
    async script(stage) {
      await opened(stage);
      await stage.peer.reset();
      await ended(stage);
    },
    client: ['s open readyState=1', 's close 1006 "" unclean readyState=3'],
    peer: ['dialled []', 'link'],
  },
  {
    title: 'F15 a connection that ends without a close frame closes with 1006 and fires no error',
    async script(stage) {
      await opened(stage);
      await stage.peer.end();
      await ended(stage);
    },
    client: ['s open readyState=1', 's close 1006 "" unclean readyState=3'],
    peer: ['dialled []', 'link'],
  },
  {
    title: 'what the peer sent before it vanished is delivered before the close',
    async script(stage) {
      const { peer } = stage;
      await opened(stage);
      await peer.atOnce(
        () => peer.send('last words'),
        () => peer.end(),
      );
      await ended(stage);
    },
    client: [
      's open readyState=1',
      's message "last words" readyState=1',
      's close 1006 "" unclean readyState=3',
    ],
    peer: ['dialled []', 'link'],
  },
  {
    title: 'text that is not UTF-8 fails the link: error, then 1006, and nothing behind it is delivered',
    async script(stage) {
      const { peer } = stage;
      await opened(stage);
      await peer.atOnce(
        () => peer.send('before'),
        () => peer.sendInvalidText(),
        () => peer.send('behind'),
      );
      await ended(stage);
    },
    client: ['s open readyState=1', 's message "before" readyState=1', ...FAILED],
    peer: ['dialled []', 'link; close 1002 "Invalid UTF-8 in text frame"'],
  },
];

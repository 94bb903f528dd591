import { ended, FAILED, opened, type ConformanceRow } from './row';

/** What takes minutes of real time. */
export const slowRows: readonly ConformanceRow[] = [
  {
    title: 'a close that the peer never answers ends after a minute',
    async script(stage) {
      const { client, peer } = stage;
      await opened(stage);
      await peer.goDeaf();
      await client.run(['close', 's', 1000, 'bye']);
      await client.pause(58_000);
      await client.run(['read', 's', 'readyState']);
      await ended(stage);
    },
    client: ['s open readyState=1', 's readyState=2', 's close 1006 "" unclean readyState=3'],
    peer: ['dialled []', 'link'],
  },
  {
    title: 'F13 a handshake that the peer never answers ends after four minutes',
    async script(stage) {
      const { client, peer } = stage;
      peer.welcome('hang');
      await client.run(['open', 's', peer.url]);
      await client.pause(235_000);
      await client.run(['read', 's', 'readyState']);
      await ended(stage);
    },
    client: ['s readyState=0', ...FAILED],
    peer: ['dialled []'],
  },
];

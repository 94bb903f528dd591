import type { Performance, Stage } from '../stage';

/** One script that every WebSocket must perform alike, and what Chromium makes of it. */
export interface ConformanceRow extends Performance {
  readonly title: string;
  readonly script: (stage: Stage) => Promise<void>;
}

/** The page dials, and its socket opens. */
export async function opened({ client, peer }: Stage): Promise<void> {
  await client.run(['open', 's', peer.url]);
  await client.until('s open');
}

/** So many handshakes have come to the peer. */
export async function reached({ client, peer }: Stage, times = 1): Promise<void> {
  while (peer.log().filter(line => line.startsWith('dialled')).length < times) await client.pause(20);
}

/** The page is told of the end. */
export const ended = ({ client }: Stage): Promise<void> => client.until('s close ');

/** What the page learns of a link that could not be made, or that broke the protocol. */
export const FAILED = ['s error readyState=3', 's close 1006 "" unclean readyState=3'];

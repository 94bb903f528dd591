import { authWebSocket } from '../../src/websocket';
import { cookie } from '../../src/protocols/cookie';
import { openFakeStage } from '../conformance/fakeStage';
import type { ConformanceRow } from '../conformance/rows/row';
import type { Performance, Stage } from '../conformance/stage';

/** The stage of the fakes, with an AuthWebSocket that waits for a token before each dial. */
export function openLentStage(): Stage {
  return openFakeStage(20_000, ({ platform, tokens }) =>
    authWebSocket({ platform, getToken: tokens.source, carrier: cookie() }),
  );
}

/** Where an AuthWebSocket is to do otherwise than the browser's own socket, and why. */
export const deviations: Readonly<Record<string, Partial<Performance>>> = {
  // The socket of the browser never says that it is closed, and a library would wait for ever.
  'a dial that the content security policy of the page forbids: error, closed, and never a close event': {
    client: [
      's readyState=0',
      's error readyState=3',
      's bufferedAmount=3',
      's close 1006 "" unclean readyState=3',
      's readyState=3',
    ],
  },
};

/** What a browser prints is of its own socket: there is none while a credential is fetched, and none after the end. */
const isSilent = (line: string) => !line.startsWith('console: ');

export function silent({ client, peer }: Performance): Performance {
  return { client: client.filter(isSilent), peer };
}

/** What an AuthWebSocket makes of a row. */
export function expectedOf({ title, client, peer }: ConformanceRow): Performance {
  return silent({ client, peer, ...deviations[title] });
}

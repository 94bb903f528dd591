import { closedByPageRows } from './rows/closedByPage';
import { closedByPeerRows } from './rows/closedByPeer';
import { handshakeRows } from './rows/handshakes';
import { messageRows } from './rows/messages';
import type { ConformanceRow } from './rows/row';

export { slowRows } from './rows/slow';

/** What a WebSocket does, as far as one page and one peer show it in a moment. */
export const rows: readonly ConformanceRow[] = [
  ...messageRows,
  ...closedByPeerRows,
  ...closedByPageRows,
  ...handshakeRows,
];

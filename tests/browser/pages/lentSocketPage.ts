import { cookie } from '../../../src/protocols/cookie';
import { authWebSocket } from '../../../src/websocket';

declare global {
  interface Window {
    SocketOnStage: unknown;
  }
}

/** Leaves an AuthWebSocket that waits for a token before each dial. */
window.SocketOnStage = authWebSocket({
  getToken: () => new Promise(resolve => setTimeout(resolve, 5, 'token')),
  carrier: cookie(),
});

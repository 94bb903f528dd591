import type { AuthSocket } from '../runtime/authSocket';
import { internalsOf } from '../runtime/internals';

/**
 * Keeps a client connected until the answer is called; several holders count.
 *
 * Letting go takes effect `lingerMs` later, so that a remount (StrictMode, Fast Refresh, a moved provider) finds the link
 * as it was. An owned client then rests; one that was made outside is disconnected.
 */
export function hold<In, Out>(socket: AuthSocket<In, Out>, isOwned: boolean): () => void {
  const internals = internalsOf(socket);
  internals.holders++;
  internals.cancelLinger?.();
  internals.cancelLinger = null;
  socket.connect();
  return () => {
    internals.holders--;
    if (internals.holders > 0) return;
    internals.cancelLinger = internals.clock.setTimer(() => {
      internals.cancelLinger = null;
      if (isOwned) internals.rest();
      else socket.disconnect();
    }, internals.lingerMs());
  };
}

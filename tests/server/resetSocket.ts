import type { Socket } from 'node:net';

/**
 * Ends a connection with a TCP reset, or plainly while an end of our own is still on its way out.
 *
 * There the system refuses the reset (EINVAL). Node then leaves the socket open for good, tells nobody, and cannot end
 * by itself any more: at its exit it waits for that socket at full speed.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}

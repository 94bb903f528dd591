import type { AuthSocket, SocketStatus } from '../../src/core';

const PATIENCE_MS = 10_000;

/** Resolves when the status is as wanted; rejects with the last one after 10 s. */
export function untilStatus(
  socket: Pick<AuthSocket<unknown, unknown>, 'getStatus' | 'subscribe'>,
  isMet: (status: SocketStatus) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      unsubscribe();
      finish();
    };
    const look = () => {
      if (isMet(socket.getStatus())) settle(resolve);
    };
    const timer = setTimeout(() => {
      const status = JSON.stringify(socket.getStatus());
      settle(() => reject(new Error(`not reached in ${PATIENCE_MS} ms, but ${status}`)));
    }, PATIENCE_MS);
    const unsubscribe = socket.subscribe(look);
    look();
  });
}

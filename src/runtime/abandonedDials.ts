import type { Clock } from './ports';

/**
 * Sockets that nobody wants any more and that are still CONNECTING. To close one then costs a console warning, so it is
 * closed when it opens, or at its own dial deadline: a hung handshake starves every other one to the same address.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-4.1
 */
export interface AbandonedDials {
  readonly count: number;
  /** Each is one socket with one listener, and one timer. */
  add(socket: WebSocket, withinMs: number): void;
  /** The page is going: all of them, now. */
  closeAll(): void;
}

export function createAbandonedDials(clock: Clock): AbandonedDials {
  const ends = new Set<() => void>();
  return {
    get count() {
      return ends.size;
    },
    add(socket, withinMs) {
      const end = () => {
        cancel();
        ends.delete(end);
        socket.onopen = socket.onclose = null;
        shut(socket);
      };
      const cancel = clock.setTimer(end, withinMs);
      ends.add(end);
      socket.onopen = end;
      socket.onclose = end;
    },
    closeAll() {
      for (const end of ends) end();
    },
  };
}

export function shut(socket: WebSocket): void {
  try {
    socket.close(1000);
  } catch {
    // A socket that cannot even be closed is already of no use to anybody.
  }
}

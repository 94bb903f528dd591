import type { WebSocket } from 'ws';

/** What the terminal socket knows. */
export interface AutomakerTerminal {
  isEnabled: boolean;
  /** The token of whoever gave the terminal's own password; null: there is no password. */
  token: string | null;
  /** The shells that run. */
  sessions: Set<string>;
}

/**
 * One terminal socket, past the upgrade: it closes with a code of its own, or says that it is connected and answers pings.
 *
 * @see https://github.com/AutoMaker-Org/automaker/blob/main/apps/server/src/index.ts
 */
export function serveTerminal(socket: WebSocket, query: URLSearchParams, terminal: AutomakerTerminal): void {
  const session = query.get('sessionId');
  if (!terminal.isEnabled) return socket.close(4003, 'Terminal access is disabled');
  if (terminal.token !== null && query.get('token') !== terminal.token)
    return socket.close(4001, 'Authentication required');
  if (!session) return socket.close(4002, 'Session ID required');
  if (!terminal.sessions.has(session)) return socket.close(4004, 'Session not found');

  const send = (frame: object) => socket.send(JSON.stringify(frame));
  send({ type: 'connected', sessionId: session, shell: '/bin/sh', cwd: '/' });
  socket.on('message', data => {
    const frame = JSON.parse((data as Buffer).toString()) as { type?: unknown; data?: unknown };
    if (frame.type === 'ping') send({ type: 'pong' });
    if (frame.type !== 'input') return;
    if (typeof frame.data !== 'string') return send({ type: 'error', message: 'Invalid input type' });
    if (frame.data !== 'exit\n') return send({ type: 'data', data: frame.data });
    terminal.sessions.delete(session);
    send({ type: 'exit', exitCode: 0 });
    socket.close(1000, 'Session ended');
  });
}

import type { LookupFunction } from 'node:net';
import { WebSocket } from 'ws';
import type { Platform } from '../../src/core';

export interface DiaryLine {
  /** Since the diary was opened. */
  readonly atMs: number;
  readonly text: string;
}

/** Says in words what a frame means to a reader; null: nothing worth a line. */
export type FrameWords = (frame: string) => string | null;

/** What a client does with its sockets, told the same way whoever the client is. */
export interface SocketDiary {
  readonly lines: readonly DiaryLine[];
  /** Sockets that were made. */
  readonly sockets: number;
  /** Calls of `close()` on a socket that was still CONNECTING: a browser prints a warning for each. */
  readonly closedWhileConnecting: number;
  note(text: string): void;
  /** To be given to the client. */
  readonly WebSocket: Platform['WebSocket'];
}

export interface DiaryOptions {
  sent: FrameWords;
  received: FrameWords;
  /** Every handshake takes so much longer; messages do not. Only for `localhost`, by its name. @default 0 */
  handshakeMs?: number;
}

export function openDiary({ sent, received, handshakeMs = 0 }: DiaryOptions): SocketDiary {
  const openedAt = performance.now();
  const lines: DiaryLine[] = [];
  let sockets = 0;
  let closedWhileConnecting = 0;
  const note = (text: string) => lines.push({ atMs: Math.round(performance.now() - openedAt), text });
  const noteFrame = (name: string, text: string | null) => text !== null && note(`${name}: ${text}`);

  function watch(socket: WebSocket): WebSocket {
    sockets += 1;
    const name = `socket ${sockets}`;
    note(`${name} is dialled`);
    const send = socket.send.bind(socket) as (data: unknown) => void;
    const close = socket.close.bind(socket);
    socket.send = (data: unknown) => {
      // Before it leaves: one that throws was tried all the same.
      noteFrame(name, sent(data as string));
      send(data);
    };
    socket.close = (code?: number, reason?: string) => {
      if (socket.readyState === WebSocket.CONNECTING) {
        closedWhileConnecting += 1;
        note(`${name} is closed while it is still connecting: the browser prints a warning`);
      }
      close(code, reason);
    };
    socket.on('message', (data: Buffer) => noteFrame(name, received(data.toString('utf8'))));
    socket.on('close', (code: number, reason: Buffer) => {
      const text = reason.toString('utf8');
      note(`${name} ends with ${code}${text === '' ? '' : ` "${text}"`}`);
    });
    // What went wrong is told by the close that follows.
    socket.on('error', () => {});
    return socket;
  }

  /** Called with `new`, as a class would be. */
  function WatchedWebSocket(url: string | URL, protocols: string | string[] = []): WebSocket {
    return watch(new WebSocket(url, protocols, { lookup: slowLookup(handshakeMs) }));
  }
  return {
    lines,
    note,
    get sockets() {
      return sockets;
    },
    get closedWhileConnecting() {
      return closedWhileConnecting;
    },
    WebSocket: WatchedWebSocket as unknown as Platform['WebSocket'],
  };
}

function slowLookup(ms: number): LookupFunction {
  return (_host, { all }, callback) => {
    const address = { address: '127.0.0.1', family: 4 };
    setTimeout(() => (all ? callback(null, [address]) : callback(null, address.address, address.family)), ms);
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { Listener } from '../listener';
import { resetSocket } from '../resetSocket';
import { Timers } from '../timers';

/** One handshake that reached the server. */
export interface Upgrade {
  /** Path and query as they were asked for. */
  readonly target: string;
  /** The subprotocols that the client offered. */
  readonly protocols: readonly string[];
  /** The HTTP status it was refused with; null: it became a socket. */
  readonly refusedWith: number | null;
}

export interface DialectHostOptions {
  /** Path of the socket. */
  path: string;
  /** A fresh socket: the dialect takes over. */
  onSocket(socket: WebSocket, request: IncomingMessage): void;
  /** The HTTP status to refuse an upgrade with; null lets it in. @default lets everybody in */
  refuse?(request: IncomingMessage): number | null;
  /** The subprotocol to echo. @default the first that was offered */
  selectProtocol?(offered: readonly string[]): string | false;
  /** Requests that are no upgrade. @default 404 */
  onRequest?(request: IncomingMessage, response: ServerResponse): void;
}

/** What every dialect's server is built on: sockets on 127.0.0.1 that can be cut, and what they were asked. */
export interface DialectHost {
  /** `ws://127.0.0.1:<port><path>` */
  readonly url: string;
  /** `http://127.0.0.1:<port>` */
  readonly httpUrl: string;
  readonly upgrades: readonly Upgrade[];
  /** The sockets that are open now. */
  readonly open: ReadonlySet<WebSocket>;
  readonly timers: Timers;
  /** Ends every connection by a TCP reset. */
  reset(): void;
  /** Cuts every connection and refuses the port for so long. */
  restart(forMs: number): void;
  /** Ends everything at once. Idempotent. */
  close(): Promise<void>;
}

export async function startDialectHost(options: DialectHostOptions): Promise<DialectHost> {
  const timers = new Timers();
  const http = createServer();
  const listener = new Listener(http, timers);
  const upgrades: Upgrade[] = [];
  const open = new Set<WebSocket>();
  const raws = new Map<WebSocket, Duplex>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: offered =>
      (options.selectProtocol ?? (([first]: readonly string[]) => first ?? false))([...offered]),
  });

  http.on('request', (request, response) => {
    if (options.onRequest) options.onRequest(request, response);
    else response.writeHead(404).end();
  });
  http.on('upgrade', (request, raw, head) => {
    raw.on('error', () => raw.destroy());
    const target = request.url ?? '/';
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/).filter(Boolean);
    const isElsewhere = new URL(target, 'http://server').pathname !== options.path;
    const status = isElsewhere ? 404 : (options.refuse?.(request) ?? null);
    upgrades.push({ target, protocols, refusedWith: status });
    if (status !== null) {
      raw.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, raw, head, socket => {
      open.add(socket);
      raws.set(socket, raw);
      // What went wrong is told by the close that follows.
      socket.on('error', () => {});
      socket.once('close', () => {
        open.delete(socket);
        raws.delete(socket);
      });
      options.onSocket(socket, request);
    });
  });

  await listener.open(0);
  let closing: Promise<void> | null = null;
  const host = `127.0.0.1:${listener.port}`;
  return {
    url: `ws://${host}${options.path}`,
    httpUrl: `http://${host}`,
    upgrades,
    open,
    timers,
    reset: () => {
      for (const raw of raws.values()) resetSocket(raw as Parameters<typeof resetSocket>[0]);
    },
    restart: forMs => listener.cut(forMs),
    close: () => {
      closing ??= (async () => {
        timers.close();
        for (const socket of open) socket.terminate();
        sockets.close();
        await listener.close();
      })();
      return closing;
    },
  };
}

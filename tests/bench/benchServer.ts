import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { frames } from './tick';

export interface BenchServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the bundled pages, `/<name>` each, and sockets at `/ws`. Whoever presents a token is welcome.
 *
 * `POST /burst?count=` sends so many messages to every socket, `POST /drop` cuts all of them. With `/ws?greet` a
 * socket gets a message as soon as it is authenticated.
 */
export async function startBenchServer(pages: Readonly<Record<string, string>>): Promise<BenchServer> {
  const headers = {
    // Isolated pages get a clock of 5 µs instead of 100.
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  };
  const http = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bench');
    const script = pages[pathname.slice(1)];
    if (request.method === 'POST') {
      response.writeHead(204, headers).end();
      if (pathname === '/drop') for (const socket of sockets.clients) socket.terminate();
      else for (const socket of sockets.clients) sendBurst(socket, Number(searchParams.get('count')));
    } else if (script === undefined) response.writeHead(404, headers).end();
    else response.writeHead(200, { ...headers, 'content-type': 'text/html' }).end(documentOf(script));
  });
  const sockets = new WebSocketServer({ server: http, path: '/ws' });
  sockets.on('connection', (socket, { url }) => {
    socket.on('message', (data: Buffer) => {
      if (!data.toString().startsWith('{"type":"auth"')) return;
      socket.send('{"type":"auth_ok","expires_in":3600}');
      if (url?.endsWith('?greet')) sendBurst(socket, 1);
    });
  });
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise(resolve => http.close(resolve));
    },
  };
}

function sendBurst(socket: WebSocket, count: number): void {
  for (const { data } of frames(count)) socket.send(data);
}

function documentOf(script: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>bench</title><link rel="icon" href="data:,"><script type="module">${script}</script></html>`;
}

import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { extname } from 'node:path';
import { relayRequest, relayUpgrade } from '../../tests/server/relay';
import type { AppFiles } from './buildApp';
import { isTrouble, type Troubles } from './troubles';

export interface GatewayParts {
  /** The page, as soon as it is built. */
  files: () => AppFiles;
  /** Where `/auth`, `/api` and `/ws` lead: the network, and the server behind it. */
  backendPort: number;
  troubles: Troubles;
}

export interface Gateway {
  /** Answers the port. Rejects with EADDRINUSE when it is taken. */
  listen(port: number): Promise<number>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const backendPaths = /^\/(?:auth|api|ws)(?:[/?]|$)/;
const pagePaths = ['/', '/your-server'];
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** One origin for the page, its server behind a network that can be broken, and the buttons that break it. */
export function createGateway({ files, backendPort, troubles }: GatewayParts): Gateway {
  const upgraded = new Set<Socket>();

  const server = http.createServer((request, response) => {
    const target = request.url ?? '/';
    // A network that is down looks down to the page, too: no answer rather than one of ours.
    if (backendPaths.test(target)) return relayRequest(request, response, { port: backendPort });
    const { pathname } = new URL(target, 'http://page');
    if (pathname.startsWith('/demo/')) return void answerButton(pathname.slice(6), request, response);
    const name = pagePaths.includes(pathname) ? '/index.html' : pathname;
    const file = files().get(name);
    const type = contentTypes[extname(name)] ?? 'application/octet-stream';
    const headers = { 'content-type': type, 'cache-control': 'no-store' };
    if (file === undefined) response.writeHead(404, headers).end('Not found');
    else response.writeHead(200, headers).end(file);
  });

  server.on('upgrade', (request, client: Socket, head: Buffer) => {
    upgraded.add(client);
    client.once('close', () => upgraded.delete(client));
    relayUpgrade(request, client, head, { port: backendPort });
  });
  server.on('clientError', (_error, socket) => socket.destroy());

  /** `GET /demo/troubles` tells what is broken, `POST /demo/<trouble>` breaks or heals something first. */
  async function answerButton(
    name: string,
    { method, headers }: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    const isRead = method === 'GET' && name === 'troubles';
    const isOurs = headers.origin === undefined || headers.origin === `http://${headers.host}`;
    const trouble = method === 'POST' && isOurs && isTrouble(name) ? name : null;
    if (trouble) await troubles.make(trouble);
    response.writeHead(isRead || trouble ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(troubles.state));
  }

  return {
    listen: port =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, HOST, () => {
          server.off('error', reject);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    async close() {
      for (const socket of upgraded) socket.destroy();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

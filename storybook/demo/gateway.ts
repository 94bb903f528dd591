import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { resetSocket } from '../../tests/server/resetSocket';
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
  const upgraded = new Set<net.Socket>();

  const server = http.createServer((request, response) => {
    const target = request.url ?? '/';
    if (backendPaths.test(target)) return forward(request, response);
    const { pathname } = new URL(target, 'http://page');
    if (pathname.startsWith('/demo/')) return void answerButton(pathname.slice(6), request, response);
    const name = pagePaths.includes(pathname) ? '/index.html' : pathname;
    const file = files().get(name);
    const type = contentTypes[extname(name)] ?? 'application/octet-stream';
    const headers = { 'content-type': type, 'cache-control': 'no-store' };
    if (file === undefined) response.writeHead(404, headers).end('Not found');
    else response.writeHead(200, headers).end(file);
  });

  function forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method, url: path, headers } = request;
    const upstream = http.request({ host: HOST, port: backendPort, method, path, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    // A network that is down looks down to the page, too: no answer rather than one of ours.
    upstream.once('error', () => request.socket.destroy());
    response.once('close', () => upstream.destroy());
    request.pipe(upstream);
  }

  server.on('upgrade', (request, client: net.Socket, head: Buffer) => {
    upgraded.add(client);
    client.once('close', () => upgraded.delete(client));
    const upstream = net.connect({ host: HOST, port: backendPort, allowHalfOpen: true, noDelay: true });
    client.setNoDelay(true);
    upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${rawHeaders(request)}\r\n`);
    upstream.write(head);
    client.pipe(upstream);
    upstream.pipe(client);
    upstream.on('error', () => resetSocket(client));
    client.on('error', () => resetSocket(upstream));
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
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

function rawHeaders({ rawHeaders: raw }: http.IncomingMessage): string {
  let text = '';
  for (let index = 0; index < raw.length; index += 2) text += `${raw[index]}: ${raw[index + 1]}\r\n`;
  return text;
}

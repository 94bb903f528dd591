import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { resetSocket } from '../../server/resetSocket';
import { bundlePage, type PageBundle } from './bundlePage';

export interface PageHostOptions extends PageBundle {
  /** Extra headers of the document and its script, e.g. a content security policy. */
  headers?: Readonly<Record<string, string>>;
  /** Requests under `/auth`, `/api` and `/ws` go to this port, so that page and server share an origin. */
  backendPort?: number;
}

/** One request that got as far as this host. */
export interface HostedRequest {
  readonly at: number;
  readonly kind: 'http' | 'upgrade';
  readonly method: string;
  /** Request target as it was on the wire. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null until answered, and for upgrades. */
  status: number | null;
}

export interface PageHost {
  readonly port: number;
  readonly url: string;
  readonly requests: readonly HostedRequest[];
  close(): Promise<void>;
}

const backendPaths = /^\/(?:auth|api|ws)(?:[/?]|$)/;

/** Serves one bundled page on loopback and passes everything else on to a server behind it. */
export async function pageHost({ headers = {}, backendPort, ...bundle }: PageHostOptions): Promise<PageHost> {
  const script = await bundlePage(bundle);
  const requests: HostedRequest[] = [];
  const agent = new http.Agent({ keepAlive: true });
  const sockets = new Set<Duplex>();

  const note = (request: http.IncomingMessage, kind: HostedRequest['kind']): HostedRequest => {
    const noted: HostedRequest = {
      at: Date.now(),
      kind,
      method: request.method ?? '',
      target: request.url ?? '',
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ),
      status: null,
    };
    requests.push(noted);
    return noted;
  };

  const server = http.createServer((request, response) => {
    const noted = note(request, 'http');
    response.once('finish', () => (noted.status = response.statusCode));
    if (backendPort !== undefined && backendPaths.test(noted.target))
      return forward(request, response, backendPort);
    if (noted.target === '/page.js')
      return response.writeHead(200, { ...headers, 'content-type': 'text/javascript' }).end(script);
    response.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8' });
    // Every path is a page; only the root runs the application.
    response.end(documentFor(new URL(noted.target, 'http://page').pathname === '/'));
  });

  function forward(request: http.IncomingMessage, response: http.ServerResponse, port: number): void {
    const upstream = http.request(
      { agent, host: '127.0.0.1', port, method: request.method, path: request.url, headers: request.headers },
      answer => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
        answer.once('error', () => response.destroy());
      },
    );
    // A server that drops the connection looks like one here, too.
    upstream.once('error', () => request.socket.destroy());
    response.once('close', () => upstream.destroy());
    request.pipe(upstream);
  }

  server.on('upgrade', (request, client: net.Socket, head: Buffer) => {
    note(request, 'upgrade');
    sockets.add(client);
    client.once('close', () => sockets.delete(client));
    if (backendPort === undefined) return void client.destroy();
    const upstream = net.connect({ host: '127.0.0.1', port: backendPort, allowHalfOpen: true });
    upstream.setNoDelay(true);
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
  // A browser's idle connections must not be cut between two requests of a test.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    requests,
    async close() {
      agent.destroy();
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function rawHeaders({ rawHeaders }: http.IncomingMessage): string {
  let text = '';
  for (let index = 0; index < rawHeaders.length; index += 2)
    text += `${rawHeaders[index]}: ${rawHeaders[index + 1]}\r\n`;
  return text;
}

function documentFor(isApplication: boolean): string {
  const script = isApplication ? '<script type="module" src="/page.js"></script>' : '';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,"><div id="root"></div>${script}</html>`;
}

import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { relayRequest, relayUpgrade } from '../../server/relay';
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
      return relayRequest(request, response, { port: backendPort, agent });
    if (noted.target === '/page.js')
      return response.writeHead(200, { ...headers, 'content-type': 'text/javascript' }).end(script);
    response.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8' });
    // Every path is a page; only the root runs the application.
    response.end(documentFor(new URL(noted.target, 'http://page').pathname === '/'));
  });

  server.on('upgrade', (request, client: Socket, head: Buffer) => {
    note(request, 'upgrade');
    sockets.add(client);
    client.once('close', () => sockets.delete(client));
    if (backendPort === undefined) return void client.destroy();
    relayUpgrade(request, client, head, { port: backendPort });
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

function documentFor(isApplication: boolean): string {
  const script = isApplication ? '<script type="module" src="/page.js"></script>' : '';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,"><div id="root"></div>${script}</html>`;
}

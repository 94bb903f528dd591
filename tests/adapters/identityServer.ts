import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';

/** What an identity server, or what stands before it, can do instead of answering. */
export const troubles = [
  'drop',
  'offline',
  '500',
  '503-html',
  '429',
  '400-invalid-grant',
  '401',
  'hang',
] as const;
export type Trouble = (typeof troubles)[number];

export interface IdentityRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** JSON, form fields as an object, or the text. */
  readonly body: unknown;
}

export interface IdentityAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a text. */
  readonly body: unknown;
}

/** An identity server on 127.0.0.1 that gets into trouble on demand. */
export interface IdentityServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly IdentityRequest[];
  /** What happens to requests whose path `affects` from now on; null: they are answered. */
  trouble: Trouble | null;
  close(): Promise<void>;
}

export interface IdentityServerOptions {
  answer(request: IdentityRequest): IdentityAnswer | Promise<IdentityAnswer>;
  /** Which paths get into trouble. @default all */
  affects?(path: string): boolean;
}

/** Starts a server whose healthy answers are the test's; CORS is open. */
export async function startIdentityServer({
  answer,
  affects = () => true,
}: IdentityServerOptions): Promise<IdentityServer> {
  const requests: IdentityRequest[] = [];
  let trouble: Trouble | null = null;

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(cors(request))) response.setHeader(name, value);
    void serve(request, response).catch(() => response.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://server');
    const body = await readBody(request);
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const asked: IdentityRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
    };
    requests.push(asked);
    if (trouble !== null && affects(url.pathname)) return troubled(trouble, response);
    const { status = 200, headers = {}, body: content } = await answer(asked);
    const isText = typeof content === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
    response.end(isText ? content : JSON.stringify(content));
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    get trouble() {
      return trouble;
    },
    set trouble(next) {
      trouble = next;
      sayOnLine(next !== 'offline');
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function troubled(trouble: Trouble, response: ServerResponse): void {
  const json = (status: number, body: unknown) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  switch (trouble) {
    case 'drop':
    case 'offline':
      return void response.destroy();
    case 'hang':
      return;
    case '500':
      return json(500, { error: 'server_error', error_description: 'internal' });
    case '503-html':
      return void response
        .writeHead(503, { 'content-type': 'text/html' })
        .end('<h1>503 Service Unavailable</h1>');
    case '429':
      return json(429, { error: 'too_many_requests', error_description: 'slow down' });
    case '400-invalid-grant':
      return json(400, { error: 'invalid_grant', error_description: 'The session is over.' });
    case '401':
      return json(401, { error: 'invalid_token', error_description: 'The session is over.' });
  }
}

/** What a browser says of its network. Forgotten after the test; Node 20 has no `navigator` at all. */
function sayOnLine(onLine: boolean): void {
  const browser = (globalThis as { navigator?: Partial<Navigator> }).navigator;
  if ((browser?.onLine ?? true) === onLine) return;
  if (browser?.userAgent) vi.spyOn(browser as Navigator, 'onLine', 'get').mockReturnValue(onLine);
  else vi.stubGlobal('navigator', { userAgent: '', onLine });
}

function cors({ headers }: IncomingMessage): Record<string, string> {
  return {
    'access-control-allow-origin': headers.origin ?? '*',
    'access-control-allow-credentials': 'true',
    'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  if ((request.headers['content-type'] ?? '').includes('form')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EndpointFault } from './faultInjector';

/** What an endpoint answers. */
export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Set-Cookie headers. */
  cookies?: string[];
  body: string;
}

/** A request with its body read. */
export interface HttpExchange {
  request: IncomingMessage;
  path: string;
  /** The JSON body; undefined if there is none or it is not JSON. */
  body: unknown;
}

export type Endpoint = (exchange: HttpExchange) => Promise<HttpAnswer>;

export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** `{"error":"session_expired"}` with its status. */
export function errorAnswer(status: number, error: string, headers: Record<string, string> = {}): HttpAnswer {
  return jsonAnswer(status, { error }, headers);
}

function htmlAnswer(status: number, title: string): HttpAnswer {
  const body = `<!doctype html><title>${title}</title><h1>${title}</h1>`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

function retryAfter(fault: EndpointFault, defaultS: number): Record<string, string> {
  const seconds = fault.retryAfterS === undefined ? defaultS : fault.retryAfterS;
  return seconds === null ? {} : { 'retry-after': String(seconds) };
}

/** The answer a fault stands for; null for faults that have none. */
export function faultAnswer(fault: EndpointFault): HttpAnswer | null {
  switch (fault.kind) {
    case 'offline':
    case 'hang':
    case 'slow':
      return null;
    case 'redirect':
      return { status: fault.status ?? 302, headers: { location: fault.location ?? '/' }, body: '' };
    case '200-html':
      return htmlAnswer(200, 'Welcome to our Wi-Fi');
    case '401':
    case '401-once':
      return errorAnswer(401, 'unauthorized');
    case '403-html':
      return htmlAnswer(403, 'Access denied by the proxy');
    case '429':
      return errorAnswer(429, 'rate_limited', retryAfter(fault, 7));
    case '500':
      return errorAnswer(500, 'internal');
    case '502-html':
      return htmlAnswer(502, 'Bad gateway');
    case '503':
      return errorAnswer(503, 'unavailable', retryAfter(fault, 5));
    case '511':
      return htmlAnswer(511, 'Network authentication required');
  }
}

/** Sends an answer on a connection of its own, so that no later request runs into one that died meanwhile. */
export function writeAnswer(response: ServerResponse, answer: HttpAnswer): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(answer.cookies && { 'set-cookie': answer.cookies }),
    'cache-control': 'no-store',
    'content-length': String(Buffer.byteLength(answer.body)),
    connection: 'close',
  });
  response.end(answer.body);
}

const LARGEST_BODY_BYTES = 1_000_000;

/** The JSON body of a request. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A field of a JSON object from outside. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

import { demandOption } from '../machine/demandOption';
import { positiveMs } from '../machine/positiveMs';
import { answerKind, signedOut, unavailable, type TokenAnswer } from '../machine/tokenAnswer';
import { retryAfterMs } from './retryAfter';
import { freshSource, type GetToken, type TokenSource } from './tokenSource';

/** Options of `tokenEndpoint()`. */
export interface TokenEndpointOptions {
  /** @default 'POST' */
  method?: string;
  /** Sent with every request, beside `accept: application/json`. */
  headers?: HeadersInit;
  /** The body of each request; called per request. @default none */
  body?: () => BodyInit;
  /** @default 'include' */
  credentials?: RequestCredentials;
  /**
   * Reads the JSON body of a 2xx answer. A throw means "not now".
   *
   * @default `access_token` or `token`, with `expires_in` in seconds where it is given
   */
  read?: (body: unknown) => TokenAnswer;
  /**
   * Is this 4xx answer an authoritative denial? `body` is the parsed JSON, undefined for what is none. A throw means no.
   *
   * @default status 401, or an `error` of invalid_grant, session_expired or login_required
   */
  isDenied?: (status: number, body: unknown) => boolean;
}

/** What an authorization server says when there is no session any more. */
const denials = ['invalid_grant', 'session_expired', 'login_required'];

/** Without a time of its own, 429 is taken as 2 s, doubled with every failure up to a minute. */
const LIMIT_MS = 2_000;
const LONGEST_LIMIT_MS = 60_000;

/**
 * A cookie-backed refresh endpoint as a token source.
 *
 * Status and body decide. A recognised denial is confirmed by a second request before it counts as `signedOut()`: the
 * first may have crossed another tab's refresh. Everything else means "not now": a network error, an answer of a proxy or
 * a captive portal, 429, 5xx, a 2xx without a token. Redirects are not followed, so no header of ours reaches another
 * origin. `Retry-After` is honoured. The token counts as fresh: its life is measured from the moment of asking.
 *
 * Throws an 'invalid-option' for what cannot be a request.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5
 */
export function tokenEndpoint(url: string, options: TokenEndpointOptions = {}): TokenSource {
  const { method = 'POST', credentials = 'include', body, read = readToken, isDenied = isDenial } = options;
  demandOption(typeof url === 'string' && url !== '', 'tokenEndpoint: url', 'a non-empty string');
  demandOption(typeof method === 'string' && method !== '', 'tokenEndpoint: method', 'an HTTP method');
  for (const [name, value] of Object.entries({ read, isDenied, body }))
    demandOption(value === undefined || typeof value === 'function', `tokenEndpoint: ${name}`, 'a function');

  const ask: GetToken = async ({ signal, attempt }) => {
    const headers = new Headers(options.headers);
    if (!headers.has('accept')) headers.set('accept', 'application/json');
    const answer = await fetch(url, {
      method,
      credentials,
      headers,
      signal,
      redirect: 'error',
      cache: 'no-store',
      ...(body && { body: body() }),
    });
    const { status, ok } = answer;
    const content = readJson(await answer.text());
    if (ok) return content === undefined ? notNow('answered without JSON') : read(content);
    if (status >= 400 && status < 500 && isDenied(status, content))
      return signedOut(reasonOf(status, content));
    const limitMs = status === 429 ? Math.min(LONGEST_LIMIT_MS, LIMIT_MS * 2 ** (attempt - 1)) : undefined;
    return notNow(`answered ${status}`, retryAfterMs(answer.headers) ?? limitMs);
  };
  const getToken: GetToken = async request => {
    const answer = await ask(request);
    return answerKind(answer) === 'signed-out' ? ask(request) : answer;
  };
  return freshSource(getToken);
}

function readToken(body: unknown): TokenAnswer {
  const { token: other, access_token: token = other, expires_in } = (body ?? {}) as Record<string, unknown>;
  if (typeof token !== 'string' || token === '') return notNow('answered without a token');
  const expiresInMs = positiveMs(Number(expires_in) * 1_000);
  return expiresInMs === undefined ? token : { token, expiresInMs };
}

function isDenial(status: number, body: unknown): boolean {
  return status === 401 || denials.includes(errorOf(body));
}

function errorOf(body: unknown): string {
  const { error } = (body ?? {}) as { error?: unknown };
  return typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? error : '';
}

function reasonOf(status: number, body: unknown): string {
  return errorOf(body) || `http-${status}`;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notNow(what: string, retryMs?: number): TokenAnswer {
  const cause = new Error(`The token endpoint ${what}.`);
  return unavailable(retryMs === undefined ? { cause } : { cause, retryAfterMs: retryMs });
}

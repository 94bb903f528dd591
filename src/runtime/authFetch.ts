import { demandOption } from '../machine/demandOption';
import { isAuthSocketError } from '../machine/errors';
import type { AuthSocket } from './authSocket';
import { isLoopback } from './dialUrl';
import { internalsOf } from './internals';

/** Options of `createAuthFetch()` and `useAuthFetch()`. */
export interface AuthFetchOptions {
  /**
   * Origins that get the token besides the page's own, e.g. `https://api.example.com`. `http:` only on this machine.
   *
   * @default []
   */
  origins?: readonly string[];
  /** What sends the request. @default the global `fetch` of the moment */
  fetch?: typeof fetch;
}

/** `fetch` with the session's token. */
export type AuthFetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` that presents the session's access token to the page's own origin and to the listed ones, and to nobody
 * else: a request elsewhere goes out as it is. The token comes from the client, so a refresh is shared with the socket
 * and with the other tabs.
 *
 * A 401 causes one refresh, shared by all requests that met it, and one silent repeat, if the body can be sent again: a
 * stream cannot. The answer of the repeat, or the first 401 where there was none, is the caller's.
 *
 * Rejects with what `fetch` rejects with (a network error signs nobody out), with the signal's reason, and with an
 * `AuthSocketError` 'unavailable', 'signed-out' or 'destroyed' when there is no token to present. With a cookie session
 * no token is presented. An `authorization` header of the caller's is left alone. On a redirect to another origin the
 * browser takes the header off.
 *
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export function createAuthFetch(
  // eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
  socket: AuthSocket<any, any>,
  { origins = [], fetch: send }: AuthFetchOptions = {},
): AuthFetch {
  return authFetchOver(socket, origins, () => send);
}

/** The same; `sender` is asked with every request, and undefined is the global `fetch` of the moment. */
export function authFetchOver(
  // eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
  socket: AuthSocket<any, any>,
  origins: readonly string[],
  sender: () => typeof fetch | undefined,
): AuthFetch {
  const { page } = internalsOf(socket);
  const trusted = new Set(origins.map(checkedOrigin));

  const isTrusted = (url: string): boolean => {
    const { origin } = new URL(url);
    return trusted.has(origin) || (page !== null && origin === new URL(page.href).origin);
  };

  return async (input, init = {}) => {
    const transmit = sender() ?? globalThis.fetch;
    const given = input instanceof Request ? input : null;
    const url = new URL(given?.url ?? (input as string | URL), page?.href).href;
    const headers = new Headers(init.headers ?? given?.headers);
    if (!isTrusted(url) || headers.has('authorization')) return transmit(input, init);

    const signal = init.signal ?? given?.signal ?? null;
    const token = await tokenOf(socket, {}, signal);
    if (token === null) return transmit(input, init);

    const body = init.body ?? given?.body ?? null;
    const isStream = init.body instanceof ReadableStream;
    // A request gives its body once: a copy is kept for the repeat.
    const copy = given && body !== null && init.body === undefined ? given.clone() : null;
    const sendWith = (target: RequestInfo | URL, bearer: string) => {
      headers.set('authorization', `Bearer ${bearer}`);
      return transmit(target, { ...init, headers });
    };

    const answer = await sendWith(input, token);
    if (answer.status !== 401 || isStream) return answer;
    const next = await anotherToken(socket, token, signal);
    if (next === null) return answer;
    // Nobody reads the refusal: its connection is free for others.
    void answer.body?.cancel().catch(() => {});
    return sendWith(copy ?? input, next);
  };
}

type TokenHolder = Pick<AuthSocket, 'getToken'>;

/** A token, or null where a cookie is the credential. */
async function tokenOf(
  socket: TokenHolder,
  options: { forceRefresh?: boolean },
  signal: AbortSignal | null,
): Promise<string | null> {
  try {
    return await socket.getToken(signal ? { ...options, signal } : options);
  } catch (error) {
    if (isAuthSocketError(error) && error.code === 'no-token') return null;
    throw error;
  }
}

/** Another token than the one that was refused; null: there is none to be had, and the refusal stands. */
async function anotherToken(
  socket: TokenHolder,
  refused: string,
  signal: AbortSignal | null,
): Promise<string | null> {
  try {
    // Somebody else met the same refusal, or a tab has refreshed meanwhile.
    const held = await tokenOf(socket, {}, signal);
    const next = held === refused ? await tokenOf(socket, { forceRefresh: true }, signal) : held;
    return next === refused ? null : next;
  } catch (error) {
    if (isAuthSocketError(error)) return null;
    throw error;
  }
}

function checkedOrigin(origin: unknown): string {
  let url: URL | null = null;
  try {
    url = new URL(String(origin));
  } catch {
    // Reported below.
  }
  demandOption(
    url !== null &&
      url.origin !== 'null' &&
      `${url.origin}/` === url.href &&
      (url.protocol === 'https:' || isLoopback(url)),
    'createAuthFetch: origins',
    'https origins, as https://api.example.com',
  );
  return url.origin;
}

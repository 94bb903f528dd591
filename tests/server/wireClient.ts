import { WebSocket } from 'ws';
import {
  createAuthSocket,
  signedOut,
  unavailable,
  type AuthSocket,
  type AuthSocketOptions,
  type GetToken,
  type Platform,
  type TokenRequest,
} from '../../src/core';
import { createCookieFetch, type CookieFetch } from './cookieFetch';
import { printedText } from './printedText';
import type { ReferenceServer } from './referenceServer';
import { untilStatus } from './untilStatus';

/** The client of this package in Node, signed in at a reference server, with everything it told. */
export interface WireClient {
  readonly socket: AuthSocket<unknown, unknown>;
  /** What the page would `fetch` with: it holds the cookies of the login. */
  readonly browser: CookieFetch;
  readonly messages: readonly unknown[];
  readonly ends: readonly unknown[];
  readonly calls: readonly TokenRequest[];
  /** Every access token that it was given. */
  readonly tokens: readonly string[];
  /** All that a log or a crash reporter would have written. */
  readonly printed: readonly string[];
  /** Resolves when the status is as wanted; rejects with the last one after 10 s. */
  until(isMet: (status: ReturnType<AuthSocket<unknown, unknown>['getStatus']>) => boolean): Promise<void>;
}

type WireOptions = Partial<AuthSocketOptions<unknown, unknown>>;

/** The token endpoint of the server, as that browser may ask it. */
export interface WireSignIn {
  browser: CookieFetch;
  fromServer: GetToken;
}

/**
 * `first` answers the first token calls, one each; later ones go to the server. Options that are a function say
 * themselves whom to ask for tokens, or that nobody is asked.
 */
export async function signInOverWire(
  server: Pick<ReferenceServer, 'url' | 'wsUrl'>,
  options: WireOptions | ((signIn: WireSignIn) => WireOptions) = {},
  first: readonly GetToken[] = [],
): Promise<WireClient> {
  const browser = createCookieFetch();
  const login = await browser(`${server.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'ada' }),
  });
  if (!login.ok) throw new Error(`The login was answered with ${login.status}.`);

  const messages: unknown[] = [];
  const ends: unknown[] = [];
  const calls: TokenRequest[] = [];
  const tokens: string[] = [];
  const printed: string[] = [];

  const fromServer: GetToken = async ({ signal }) => {
    const answer = await browser(`${server.url}/auth/refresh`, { method: 'POST', signal });
    if (answer.status === 401) return signedOut();
    if (!answer.ok) return unavailable();
    const { access_token: token } = (await answer.json()) as { access_token: string };
    tokens.push(token);
    return token;
  };
  const given =
    typeof options === 'function' ? options({ browser, fromServer }) : { getToken: fromServer, ...options };
  const { getToken } = given;
  const socket = createAuthSocket<unknown, unknown>({
    url: server.wsUrl,
    platform: { WebSocket: WebSocket as unknown as Platform['WebSocket'] },
    onTrace: event => printed.push(JSON.stringify(event)),
    onError: error => printed.push(printedText(error)),
    onSessionExpired: end => ends.push(end),
    ...given,
    ...(typeof getToken === 'function' && {
      getToken: (request: TokenRequest) => {
        calls.push(request);
        return (first[calls.length - 1] ?? getToken)(request);
      },
    }),
  });
  socket.subscribe(() => printed.push(JSON.stringify(socket.getStatus())));
  socket.onMessage(message => messages.push(message));
  return {
    socket,
    browser,
    messages,
    ends,
    calls,
    tokens,
    printed,
    until: isMet => untilStatus(socket, isMet),
  };
}

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
import { createCookieFetch } from './cookieFetch';
import { printedText } from './printedText';
import type { ReferenceServer } from './referenceServer';
import { untilStatus } from './untilStatus';

/** The client of this package in Node, signed in at a reference server, with everything it told. */
export interface WireClient {
  readonly socket: AuthSocket<unknown, unknown>;
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

/** `first` answers the first token calls, one each; later ones go to the server. */
export async function signInOverWire(
  server: Pick<ReferenceServer, 'url' | 'wsUrl'>,
  options: Partial<AuthSocketOptions<unknown, unknown>> = {},
  first: readonly GetToken[] = [],
): Promise<WireClient> {
  const cookieFetch = createCookieFetch();
  const login = await cookieFetch(`${server.url}/auth/login`, {
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
    const answer = await cookieFetch(`${server.url}/auth/refresh`, { method: 'POST', signal });
    if (answer.status === 401) return signedOut();
    if (!answer.ok) return unavailable();
    const { access_token: token } = (await answer.json()) as { access_token: string };
    tokens.push(token);
    return token;
  };
  const socket = createAuthSocket<unknown, unknown>({
    url: server.wsUrl,
    getToken: request => {
      calls.push(request);
      return (first[calls.length - 1] ?? fromServer)(request);
    },
    platform: { WebSocket: WebSocket as unknown as Platform['WebSocket'] },
    onTrace: event => printed.push(JSON.stringify(event)),
    onError: error => printed.push(printedText(error)),
    onSessionExpired: end => ends.push(end),
    ...options,
  });
  socket.subscribe(() => printed.push(JSON.stringify(socket.getStatus())));
  socket.onMessage(message => messages.push(message));
  return {
    socket,
    messages,
    ends,
    calls,
    tokens,
    printed,
    until: isMet => untilStatus(socket, isMet),
  };
}

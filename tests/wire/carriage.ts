import { WebSocket, type ClientOptions } from 'ws';
import {
  jsonProtocol,
  signedIn,
  signedOut,
  tokenRejected,
  unavailable,
  type AuthSocketOptions,
  type GetToken,
  type Platform,
} from '../../src/core';
import {
  cookie,
  firstMessage,
  subprotocol,
  ticket,
  type Carrier,
  type TicketOptions,
} from '../../src/protocols';
import type { CookieFetch } from '../server/cookieFetch';
import type { SocketAuthMode } from '../server/serverOptions';
import type { WireSignIn } from '../server/wireClient';

type Options = Partial<AuthSocketOptions<unknown, unknown>>;

/** One way in which a client shows a server who its user is. */
export interface Carriage {
  readonly name: string;
  /** What the server has to take. */
  readonly mode: SocketAuthMode;
  /** Who can say that the session is over: the token endpoint, the ticket endpoint, or nobody. */
  readonly judge: 'tokens' | 'tickets' | null;
  /** There is an access token, to be renewed and to be kept secret. */
  readonly hasToken: boolean;
  /** The options of the client, its token source included. */
  options(at: Situation): Options;
}

interface Situation extends WireSignIn {
  /** Of the server. */
  url: string;
  /** Gets every ticket. */
  tickets: string[];
}

const over = (carrier: Carrier): Options => ({ protocol: jsonProtocol({ carrier }) });

/** Node's `ws` knows no cookies: this one sends those of the browser profile. */
function withCookies(browser: CookieFetch): Options {
  class CookieWebSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      const options: ClientOptions = { headers: { cookie: browser.cookieFor(String(url)) } };
      super(url, protocols, options);
    }
  }
  return { platform: { WebSocket: CookieWebSocket as unknown as Platform['WebSocket'] } };
}

function ticketFrom({ url, browser, tickets }: Situation): Carrier {
  const getTicket: TicketOptions['getTicket'] = async ({ token, signal }) => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const answer = await browser(`${url}/auth/ticket`, { method: 'POST', headers, signal });
    const body = (await answer.json()) as { ticket: string; expires_in: number; error: string };
    if (answer.status === 401) return token === null ? signedOut(body.error) : tokenRejected();
    if (!answer.ok) return unavailable();
    tickets.push(body.ticket);
    return { ticket: body.ticket, expiresInMs: body.expires_in * 1000 };
  };
  return ticket({ getTicket });
}

/** Asks the server whether the session of the cookie is alive. */
const bySession =
  (url: string, browser: CookieFetch): GetToken =>
  async ({ signal }) => {
    const answer = await browser(`${url}/auth/refresh`, { method: 'POST', signal });
    if (answer.status === 401) return signedOut('The session is over.');
    return answer.ok ? signedIn() : unavailable();
  };

export const carriages: readonly Carriage[] = [
  {
    name: 'firstMessage()',
    mode: 'first-message',
    judge: 'tokens',
    hasToken: true,
    options: ({ fromServer }) => ({ ...over(firstMessage()), getToken: fromServer }),
  },
  {
    name: 'ticket() for an access token',
    mode: 'ticket',
    judge: 'tokens',
    hasToken: true,
    options: at => ({ ...over(ticketFrom(at)), getToken: at.fromServer }),
  },
  {
    name: 'subprotocol()',
    mode: 'subprotocol',
    judge: 'tokens',
    hasToken: true,
    options: ({ fromServer }) => ({ ...over(subprotocol({ accept: 'chat.v1' })), getToken: fromServer }),
  },
  {
    name: 'ticket() for a cookie, without getToken',
    mode: 'ticket',
    judge: 'tickets',
    hasToken: false,
    options: at => over(ticketFrom(at)),
  },
  {
    name: 'cookie() with a getToken that asks the server',
    mode: 'cookie',
    judge: 'tokens',
    hasToken: false,
    options: ({ url, browser }) => ({
      ...over(cookie()),
      ...withCookies(browser),
      getToken: bySession(url, browser),
    }),
  },
  {
    name: 'cookie() with getToken: () => signedIn()',
    mode: 'cookie',
    judge: null,
    hasToken: false,
    options: ({ browser }) => ({ ...over(cookie()), ...withCookies(browser), getToken: () => signedIn() }),
  },
  {
    name: 'cookie() without getToken',
    mode: 'cookie',
    judge: null,
    hasToken: false,
    options: ({ browser }) => ({ ...over(cookie()), ...withCookies(browser) }),
  },
];

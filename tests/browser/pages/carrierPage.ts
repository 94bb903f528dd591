import {
  createAuthSocket,
  jsonProtocol,
  signedIn,
  signedOut,
  tokenEndpoint,
  tokenRejected,
  unavailable,
  type AuthSocket,
  type AuthSocketOptions,
} from '../../../src/core';
import { cookie, firstMessage, subprotocol, ticket, type Carrier } from '../../../src/protocols';

declare global {
  interface Window {
    carrying: {
      connect(name: CarrierName): void;
      status(): ReturnType<AuthSocket['getStatus']>;
      /** Sends an echo; resolves when it comes back. */
      talk(): Promise<void>;
      ends: unknown[];
      errors: string[];
      /** What no log may hold. */
      secrets(): Promise<string[]>;
    };
  }
}

export type CarrierName = keyof typeof carriers;

const tickets: string[] = [];

const carriers = {
  firstMessage: () => firstMessage(),
  subprotocol: () => subprotocol({ accept: 'chat.v1' }),
  cookie: () => cookie(),
  ticket: () =>
    ticket({
      async getTicket({ token, signal }) {
        const headers = { authorization: `Bearer ${token}` };
        const answer = await fetch('/auth/ticket', { method: 'POST', headers, signal });
        if (answer.status === 401) return tokenRejected();
        if (!answer.ok) return unavailable();
        const { ticket } = (await answer.json()) as { ticket: string };
        tickets.push(ticket);
        return ticket;
      },
    }),
} satisfies Record<string, () => Carrier>;

let socket: AuthSocket<unknown, unknown>;
const ends: unknown[] = [];
const errors: string[] = [];

window.carrying = {
  connect(name) {
    const options: AuthSocketOptions = {
      url: '/ws',
      protocol: jsonProtocol({ carrier: carriers[name]() }),
      getToken:
        name === 'cookie'
          ? async ({ signal }) => {
              const answer = await fetch('/auth/refresh', { method: 'POST', signal });
              if (answer.status === 401) return signedOut('over');
              return answer.ok ? signedIn() : unavailable();
            }
          : tokenEndpoint('/auth/refresh'),
      reconnect: { minMs: 50, maxMs: 300 },
      onSessionExpired: end => ends.push(end),
      onError: error => errors.push(`${error.code} ${error.stack}`),
      onTrace: event => errors.push(JSON.stringify(event)),
    };
    socket = createAuthSocket(options);
    socket.connect();
  },
  status: () => socket.getStatus(),
  talk: () =>
    new Promise(resolve => {
      const id = Math.random();
      const stop = socket.onMessage(message => {
        if ((message as { id?: unknown }).id !== id) return;
        stop();
        resolve();
      });
      socket.send({ type: 'echo', id });
    }),
  ends,
  errors,
  secrets: async () => [...tickets, await socket.getToken().catch(() => '')].filter(Boolean),
};

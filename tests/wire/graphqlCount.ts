import { createClient, type Client, type ClientOptions } from 'graphql-ws';
import { expect, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { GetToken, Platform, TokenRequest } from '../../src/core';
import {
  startGraphqlServer,
  type GraphqlServer,
  type GraphqlServerOptions,
} from '../server/dialects/graphqlServer';
import type { TokenBook } from '../server/dialects/tokenBook';

export const platform = { WebSocket: WebSocket as unknown as Platform['WebSocket'] };

const COUNT = 'subscription Count($from: Int!) { count(from: $from) }';

/** On a busy machine, too. */
export const expectSoon = <T>(look: () => T) => expect.poll(look, { timeout: 8_000, interval: 10 });

export async function startGraphql(options?: GraphqlServerOptions): Promise<GraphqlServer> {
  const server = await startGraphqlServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** A token source that issues tokens of ada, those of `lives` first, and writes down what it was asked. */
export function issuing(
  { tokens }: { tokens: TokenBook },
  lives: number[] = [],
): { getToken: GetToken; calls: TokenRequest[]; trouble: (() => ReturnType<GetToken>)[] } {
  const calls: TokenRequest[] = [];
  const trouble: (() => ReturnType<GetToken>)[] = [];
  return {
    calls,
    trouble,
    getToken(request) {
      calls.push(request);
      const fail = trouble.shift();
      return fail ? fail() : tokens.issue('ada', lives.shift());
    },
  };
}

export interface Counting {
  readonly client: Client;
  readonly numbers: readonly number[];
  readonly errors: readonly { code?: number }[];
}

/** Subscribes once; whatever happens, the subscription is the library's to keep up. */
export function count(options: ClientOptions): Counting {
  const client = createClient(options);
  const numbers: number[] = [];
  const errors: { code?: number }[] = [];
  const end = client.subscribe<{ count: number }>(
    { query: COUNT, variables: { from: 1 } },
    {
      next: ({ data }) => data && numbers.push(data.count),
      error: error => errors.push(error as { code?: number }),
      complete: () => {},
    },
  );
  onTestFinished(end);
  return { client, numbers, errors };
}

/** How often the subscription began anew. */
export const begun = ({ numbers }: Counting) => numbers.filter(number => number === 1).length;
/**
 * The subscription runs on the server's socket of that number. On a busy machine a short token may end before the first
 * link has counted anything.
 */
export const runsOn = ({ deeds }: GraphqlServer, number: number) =>
  deeds.some(({ socket, what }) => socket === number && what === 'subscribe');
export const inits = ({ deeds }: GraphqlServer) =>
  deeds.filter(({ what }) => what === 'init').map(({ detail }) => detail);
export const bearers = (tokens: readonly string[]) =>
  tokens.map(token => ({ Authorization: `Bearer ${token}` }));
export const later = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

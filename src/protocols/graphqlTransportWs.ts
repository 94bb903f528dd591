import { AuthSocketError } from '../machine/errors';
import { closeTable } from './closeTable';
import { readJson, writeJson } from './jsonText';
import type { CloseFacts, Frame, Inbound, Judgement, SocketProtocol } from './protocol';

/** An error as a GraphQL server reports it. */
export interface GraphqlError {
  message: string;
  locations?: readonly { line: number; column: number }[];
  path?: readonly (string | number)[];
  extensions?: Record<string, unknown>;
}

/** What comes for an operation; `id` is the one that it was sent with, and the topic. */
export type GraphqlIncoming =
  | {
      type: 'next';
      id: string;
      payload: {
        data?: Record<string, unknown> | null;
        errors?: readonly GraphqlError[];
        extensions?: Record<string, unknown>;
      };
    }
  /** The operation was not executed. Nothing more comes for it. */
  | { type: 'error'; id: string; payload: readonly GraphqlError[] }
  | { type: 'complete'; id: string };

/** Begins an operation, under an id that no other running one has, or ends it. */
export type GraphqlOutgoing =
  | {
      type: 'subscribe';
      id: string;
      payload: {
        query: string;
        operationName?: string | null;
        variables?: Record<string, unknown> | null;
        extensions?: Record<string, unknown> | null;
      };
    }
  | { type: 'complete'; id: string };

/** Options of `graphqlTransportWs()`. */
export interface GraphqlTransportWsOptions {
  /**
   * What `connection_init` carries; the server finds it as `connectionParams`. Called for every link, with the token of
   * that moment; not called where a cookie is the credential: nothing is carried then.
   *
   * Hasura reads `{ headers: { Authorization: 'Bearer …' } }`. A throw is reported to `onError` and sends nothing.
   *
   * @default the token as `Authorization: Bearer`
   */
  payload?: (token: string) => Record<string, unknown>;
  /**
   * What a close means, in the place of the default. To change one code alone, ask the default for the others:
   * `close: facts => (facts.code === 4403 ? 'forbidden' : graphqlTransportWs().judgeClose(facts))`.
   *
   * @default 4401 expired, 4403 revoked, 4400 and 4406 protocol, 4408 and 4409 going-away, 4429 limit, others as everywhere
   */
  close?: SocketProtocol['judgeClose'];
}

const SUBPROTOCOL = 'graphql-transport-ws';

/**
 * The codes of the specification. 4401 and 4403 are about the token, so the token source is asked and decides: servers
 * use either for one that has expired, and whatever `onConnect` does not like becomes 4403.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
const codes = closeTable({
  4400: 'protocol',
  4401: 'expired',
  4403: 'revoked',
  4406: 'protocol',
  // Our first frame came too late: a slow network or a page that stood still, not the token.
  4408: 'going-away',
  // An id that was sent twice, as by a component that was mounted twice: the next link begins without any.
  4409: 'going-away',
  4429: 'limit',
});

/**
 * `graphql-transport-ws`, as spoken by graphql-ws, Apollo Server, Yoga, NestJS, Hasura and many others.
 *
 * | from us | from the server |
 * |---|---|
 * | `connection_init {payload?}` | `connection_ack` |
 * | `ping` · `pong {payload?}` | `pong` · `ping {payload?}` |
 * | `subscribe {id, payload}` · `complete {id}` | `next {id, payload}` · `error {id, payload}` · `complete {id}` |
 *
 * The topic of a message is the id of its operation, so `useSocketMessage(handler, { topic: id })` follows one. A server
 * forgets its operations with the link: send `subscribe` in `onOpen`, which runs on every new one.
 *
 * There is no refresh in band: a new token goes over a new link with a `connection_init` of its own, opened before the
 * old one is retired.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function graphqlTransportWs<In = GraphqlIncoming, Out = GraphqlOutgoing>(
  options: GraphqlTransportWsOptions = {},
): SocketProtocol<In, Out> {
  const { payload = bearer, close = judgeClose } = options;
  for (const [name, value] of Object.entries({ payload, close })) {
    if (typeof value !== 'function') {
      throw new AuthSocketError('invalid-option', `graphqlTransportWs: ${name} must be a function.`);
    }
  }
  return {
    name: 'graphqlTransportWs',
    prepare: ({ url }) => ({ url, protocols: [SUBPROTOCOL] }),
    // Without a token, too: a server takes no operation before it.
    hello: token =>
      JSON.stringify({ type: 'connection_init', ...(token !== '' && { payload: payload(token) }) }),
    waitsForReady: true,
    ping: () => '{"type":"ping"}',
    judgeClose: close,
    read,
    write: message => writeJson(message),
  };
}

function bearer(token: string): Record<string, unknown> {
  return { Authorization: `Bearer ${token}` };
}

/** Hasura writes why into the reason, sometimes with 4400 or even 1000 for a token that it does not like. */
const HASURA = '{"server_error_msg"';

/** A reason is at most 123 bytes on the wire; a longer one is not read. */
const MAX_REASON = 1_000;

/** @see https://github.com/hasura/graphql-engine/issues/7696 */
function judgeClose(facts: CloseFacts): Judgement {
  const { reason, lastVerdict } = facts;
  if (lastVerdict) return lastVerdict;
  if (reason.startsWith(HASURA) && reason.length <= MAX_REASON) {
    if (/expired/i.test(reason)) return 'expired';
    if (/connection initialization failed/i.test(reason)) return 'revoked';
  }
  return codes(facts);
}

function read<In>(data: Inbound): Frame<In> {
  const json = readJson(data);
  if ('kind' in json) return json;
  const message = json.value;
  const { type, id, payload } = (message ?? {}) as { type?: unknown; id?: unknown; payload?: unknown };
  switch (type) {
    case 'connection_ack':
      return { kind: 'ready' };
    case 'ping':
      return {
        kind: 'reply',
        data: JSON.stringify({ type: 'pong', ...(isObject(payload) && { payload }) }),
      };
    case 'pong':
      return { kind: 'pong' };
    case 'next':
    case 'error':
    case 'complete':
      return typeof id === 'string'
        ? { kind: 'message', message: message as In, topic: id }
        : { kind: 'malformed', why: 'an operation without an id' };
    // Of the protocol before this one; Hasura says it all the same, at the beginning or when the token ends.
    // https://github.com/hasura/graphql-engine/issues/9765
    case 'connection_error': {
      const why = isObject(payload) ? payload.message : payload;
      const isExpired = typeof why === 'string' && /expired/i.test(why.slice(0, MAX_REASON));
      return { kind: 'verdict', verdict: isExpired ? 'expired' : 'revoked' };
    }
    default:
      return { kind: 'malformed', why: 'an unknown type of frame' };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { createRequire } from 'node:module';
import type * as graphql from 'graphql';
import { handleProtocols } from 'graphql-ws';
import { useServer as serve, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { startDialectHost, type DialectHost } from './dialectHost';
import { TokenBook } from './tokenBook';

export interface GraphqlServerOptions {
  /** Life of a token that is issued without one. @default 60_000 */
  lifeMs?: number;
  /**
   * How the server says that a token has expired: while a socket lives by it, and to one that comes with it.
   * 'connection_error' is what Hasura 2.25 to 2.29 said, before a close of 4400.
   *
   * @default 4401
   */
  onExpired?: 4401 | 4403 | 'connection_error';
  /** Lets in who presents nothing, as a server that reads a cookie. @default false */
  takesCookies?: boolean;
  /** false: agrees on no subprotocol, as a server that speaks another one. @default true */
  agrees?: boolean;
}

/** What happened to the sockets, in order; sockets count from 1. */
export interface GraphqlDeed {
  readonly socket: number;
  readonly what: 'init' | 'ack' | 'subscribe' | 'complete' | 'pong' | 'close';
  /** The payload of `init`, the id of `subscribe` and `complete`, the payload of `pong`, the code of `close`. */
  readonly detail: unknown;
}

/** The server of graphql-ws, as published, with a token check in `onConnect` and a timer at the token's end. */
export interface GraphqlServer extends Pick<
  DialectHost,
  'url' | 'upgrades' | 'open' | 'reset' | 'restart' | 'close'
> {
  readonly tokens: TokenBook;
  readonly deeds: readonly GraphqlDeed[];
  /** Whether new sockets get the subprotocol. */
  agrees: boolean;
  /** Closes every socket. */
  closeAll(code: number, reason?: string): void;
  /** Sends every socket a ping of the protocol. */
  ping(payload?: Record<string, unknown>): void;
  /** Leaves sockets open without reading or answering. */
  silence(): void;
}

/** As graphql-ws finds it: a schema is worth nothing to another copy of `graphql`, and Vite would load one. */
const { buildSchema } = createRequire(import.meta.url)('graphql') as typeof graphql;

const schema = buildSchema(`
  type Query { viewer: String }
  type Subscription { count(from: Int! = 1): Int! }
`);

/** Between two numbers of `count`. */
const BEAT_MS = 20;

/** Starts it on 127.0.0.1. */
export async function startGraphqlServer(options: GraphqlServerOptions = {}): Promise<GraphqlServer> {
  const { lifeMs = 60_000, onExpired = 4401, takesCookies = false } = options;
  const tokens = new TokenBook(lifeMs);
  const deeds: GraphqlDeed[] = [];
  const numbers = new Map<WebSocket, number>();
  const users = new Map<WebSocket, string | null>();
  let { agrees = true } = options;

  const note = (socket: WebSocket, what: GraphqlDeed['what'], detail: unknown) =>
    deeds.push({ socket: numbers.get(socket) ?? 0, what, detail });

  async function* count({ from }: { from: number }) {
    for (let number = from; ; number++) {
      yield { count: number };
      await new Promise(resolve => setTimeout(resolve, BEAT_MS));
    }
  }

  function expire(socket: WebSocket): void {
    if (socket.readyState !== socket.OPEN) return;
    if (onExpired === 'connection_error') {
      socket.send(JSON.stringify({ type: 'connection_error', payload: 'Could not verify JWT: JWTExpired' }));
      socket.close(4400, 'Connection initialization failed');
    } else socket.close(onExpired, onExpired === 4401 ? 'Unauthorized' : 'Forbidden');
  }

  const sockets = new WebSocketServer({ noServer: true });
  serve<Record<string, unknown>, Record<string, never>>(
    {
      schema,
      roots: {
        query: { viewer: (_args: unknown, { socket }: Extra) => users.get(socket) },
        subscription: { count },
      },
      context: ({ extra }) => extra,
      onConnect({ connectionParams, extra: { socket } }) {
        note(socket, 'init', connectionParams ?? null);
        if (connectionParams === undefined) return takesCookies;
        const [, token] = /^Bearer (.+)$/.exec(String(connectionParams.Authorization)) ?? [];
        const entry = tokens.check(token);
        if (entry === 'expired') expire(socket);
        if (typeof entry === 'string') return false;
        users.set(socket, entry.user);
        note(socket, 'ack', entry.user);
        const cancel = host.timers.after(entry.expiresAt - Date.now(), () => expire(socket));
        socket.once('close', cancel);
        return true;
      },
      onSubscribe: ({ extra }, id) => void note(extra.socket, 'subscribe', id),
      onComplete: ({ extra }, id) => void note(extra.socket, 'complete', id),
      onPong: ({ extra }, payload) => void note(extra.socket, 'pong', payload),
      onClose: ({ extra }, code) => void note(extra.socket, 'close', code),
    },
    sockets,
  );

  const host = await startDialectHost({
    path: '/graphql',
    selectProtocol: offered => (agrees ? handleProtocols([...offered]) : false),
    onSocket(socket, request) {
      numbers.set(socket, numbers.size + 1);
      sockets.emit('connection', socket, request);
    },
  });

  /** Nothing is written to what is about to be cut: graphql-ws would write of its failure to the console. */
  function muteAll(): void {
    for (const socket of host.open) socket.send = () => {};
  }

  return {
    url: host.url,
    upgrades: host.upgrades,
    open: host.open,
    reset() {
      muteAll();
      host.reset();
    },
    restart(forMs) {
      muteAll();
      host.restart(forMs);
    },
    close: host.close,
    tokens,
    deeds,
    get agrees() {
      return agrees;
    },
    set agrees(value) {
      agrees = value;
    },
    closeAll(code, reason) {
      for (const socket of host.open) socket.close(code, reason);
    },
    ping(payload) {
      for (const socket of host.open) socket.send(JSON.stringify({ type: 'ping', payload }));
    },
    silence() {
      muteAll();
      for (const socket of host.open) socket.pause();
    },
  };
}

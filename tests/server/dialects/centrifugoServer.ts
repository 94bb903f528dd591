import type { RawData, WebSocket } from 'ws';
import { startDialectHost, type DialectHost } from './dialectHost';
import { TokenBook } from './tokenBook';

export interface CentrifugoServerOptions {
  /** Life of a token that was issued without one. @default 3_600_000 */
  lifeMs?: number;
  /** How long a connection lives on after its token, for a refresh to arrive. @default 25_000, as there */
  closeDelayMs?: number;
  /** How often the server pings. @default 25_000, as there */
  pingMs?: number;
  /** How long it waits for the answer; null: it wants none. @default 8_000, as there */
  pongMs?: number | null;
  /** How long a connection may go without its connect command. @default 10_000, as there */
  staleMs?: number;
  /** The server refreshes connections through a proxy of its own. @default false */
  serverSideRefresh?: boolean;
}

/** A command that carried a token. */
export interface ReceivedToken {
  /** Counts sockets from 1. */
  readonly connection: number;
  readonly command: 'connect' | 'refresh';
  readonly token: string | undefined;
  /** The code it was refused with, of an error or of a disconnect; null: it was taken. */
  readonly code: number | null;
}

/**
 * Centrifugo with its JSON protocol, version 2, as far as a client can tell them apart.
 *
 * @see https://github.com/centrifugal/centrifuge/blob/master/client.go
 * @see https://github.com/centrifugal/centrifugo/blob/master/internal/client/handler.go
 */
export interface CentrifugoServer extends Pick<
  DialectHost,
  'url' | 'upgrades' | 'open' | 'reset' | 'restart' | 'close'
> {
  readonly tokens: TokenBook;
  readonly received: readonly ReceivedToken[];
  /** Commands of the application, with the connection they came on. */
  readonly commands: readonly (Record<string, unknown> & { connection: number })[];
  readonly pings: number;
  readonly pongs: number;
  /** Publishes into a channel, all of it in one frame. */
  publish(channel: string, ...data: unknown[]): void;
  /** Closes every connection with a code; `how` 'push' says it in a push before. */
  disconnect(code: number, reason?: string, how?: 'close' | 'push'): void;
  /** Answers connect and refresh commands with this error from now on; null: no longer. */
  refuse(error: { code: number; message: string; temporary?: boolean } | null): void;
  /** Says 3001 to everybody and is gone for so long. */
  shutDown(forMs: number): void;
  /** Leaves the sockets that are open now without reading, pinging or answering. */
  silence(): void;
}

interface Connection {
  readonly number: number;
  readonly socket: WebSocket;
  readonly channels: Set<string>;
  /** null before the connect command was taken. */
  user: string | null;
  /** A refused connect command: whatever follows is a fault. */
  isUnusable: boolean;
  isPingOpen: boolean;
  cancelExpiry: () => void;
  cancelPing: () => void;
  cancelPong: () => void;
}

type Command = Record<string, unknown> & { id?: number };
type Fields = Record<string, unknown>;

/** Starts it on 127.0.0.1. */
export async function startCentrifugoServer(
  options: CentrifugoServerOptions = {},
): Promise<CentrifugoServer> {
  const { lifeMs = 3_600_000, closeDelayMs = 25_000, pingMs = 25_000, pongMs = 8_000 } = options;
  const { staleMs = 10_000, serverSideRefresh = false } = options;
  const tokens = new TokenBook(lifeMs);
  const connections = new Set<Connection>();
  const received: ReceivedToken[] = [];
  const commands: (Record<string, unknown> & { connection: number })[] = [];
  let refusal: { code: number; message: string; temporary?: boolean } | null = null;
  let pings = 0;
  let pongs = 0;
  let sockets = 0;

  const send = ({ socket }: Connection, ...replies: unknown[]) =>
    socket.send(replies.map(reply => JSON.stringify(reply)).join('\n'));

  function note(
    connection: Connection,
    command: 'connect' | 'refresh',
    token: unknown,
    code: number | null,
  ): void {
    const known = typeof token === 'string' ? token : undefined;
    received.push({ connection: connection.number, command, token: known, code });
  }

  /** Holds the connection to its token. The wire counts in whole seconds. */
  function lifeUntil(connection: Connection, expiresAt: number): Fields {
    const leftMs = expiresAt - Date.now();
    connection.cancelExpiry();
    connection.cancelExpiry = host.timers.after(leftMs + closeDelayMs, () =>
      connection.socket.close(3005, 'connection expired'),
    );
    return { expires: true, ttl: Math.floor(leftMs / 1000) };
  }

  function ping(connection: Connection): void {
    connection.cancelPing = host.timers.after(pingMs, () => {
      connection.isPingOpen = true;
      pings += 1;
      send(connection, {});
      connection.cancelPong();
      if (pongMs !== null) {
        connection.cancelPong = host.timers.after(pongMs, () => connection.socket.close(3012, 'no pong'));
      }
      ping(connection);
    });
  }

  function connect(connection: Connection, id: number, { token }: Fields): void {
    const fail = (code: number, message: string, temporary?: boolean) => {
      connection.isUnusable = true;
      note(connection, 'connect', token, code);
      send(connection, { id, error: { code, message, ...(temporary && { temporary }) } });
      // The client is left to close; a socket that it forgets goes without a close frame.
      host.timers.after(5_000, () => connection.socket.terminate());
    };
    if (refusal) return fail(refusal.code, refusal.message, refusal.temporary);
    if (connection.user !== null) return connection.socket.close(3501, 'bad request');
    // Nobody is let in anonymously.
    if (token === undefined) return connection.socket.close(3501, 'bad request');
    const entry = tokens.check(token);
    if (entry === 'expired') return fail(109, 'token expired');
    if (typeof entry === 'string') {
      note(connection, 'connect', token, 3500);
      return connection.socket.close(3500, 'invalid token');
    }
    note(connection, 'connect', token, null);
    connection.user = entry.user;
    const life = serverSideRefresh ? {} : lifeUntil(connection, entry.expiresAt);
    const pulse = { ping: Math.floor(pingMs / 1000), ...(pongMs !== null && { pong: true }) };
    const client = `client-${connection.number}`;
    send(connection, { id, connect: { client, version: '6.0.0', ...life, ...pulse } });
    ping(connection);
  }

  function refresh(connection: Connection, id: number, { token }: Fields): void {
    const close = (code: number, reason: string) => {
      note(connection, 'refresh', token, code);
      connection.socket.close(code, reason);
    };
    if (refusal) {
      note(connection, 'refresh', token, refusal.code);
      return send(connection, { id, error: refusal });
    }
    if (serverSideRefresh || typeof token !== 'string' || token === '') return close(3501, 'bad request');
    const entry = tokens.check(token);
    if (entry === 'expired') return close(3005, 'connection expired');
    if (typeof entry === 'string' || entry.user !== connection.user) return close(3500, 'invalid token');
    note(connection, 'refresh', token, null);
    send(connection, { id, refresh: lifeUntil(connection, entry.expiresAt) });
  }

  function publish(channel: string, ...data: unknown[]): void {
    const pushes = data.map(one => ({ push: { channel, pub: { data: one } } }));
    for (const connection of connections) {
      if (connection.channels.has(channel)) send(connection, ...pushes);
    }
  }

  /** A command of the application. */
  function obey(connection: Connection, id: number, command: Command): void {
    const channelOf = (field: unknown) => String((field as Fields).channel);
    if (command.subscribe) {
      const channel = channelOf(command.subscribe);
      if (channel.startsWith('$'))
        send(connection, { id, error: { code: 103, message: 'permission denied' } });
      else if (connection.channels.has(channel)) {
        send(connection, { id, error: { code: 105, message: 'already subscribed' } });
      } else {
        connection.channels.add(channel);
        send(connection, { id, subscribe: {} });
      }
    } else if (command.unsubscribe) {
      connection.channels.delete(channelOf(command.unsubscribe));
      send(connection, { id, unsubscribe: {} });
    } else if (command.publish) {
      publish(channelOf(command.publish), (command.publish as Fields).data);
      send(connection, { id, publish: {} });
    } else if (command.rpc) send(connection, { id, error: { code: 104, message: 'method not found' } });
    else connection.socket.close(3501, 'bad request');
  }

  function take(connection: Connection, command: Command): void {
    const { socket } = connection;
    const { id = 0 } = command;
    if (connection.isUnusable || (connection.user === null && !command.connect)) {
      return socket.close(3501, 'bad request');
    }
    if (id === 0 && command.send === undefined) {
      // The answer to a ping, whether it was wanted or not. One too many is a fault.
      if (!connection.isPingOpen) return socket.close(3501, 'bad request');
      connection.isPingOpen = false;
      connection.cancelPong();
      pongs += 1;
      return;
    }
    if (command.connect) return connect(connection, id, command.connect as Fields);
    if (command.refresh) return refresh(connection, id, command.refresh as Fields);
    commands.push({ ...command, connection: connection.number });
    // Nobody handles messages here.
    if (command.send) return socket.close(3508, 'not available');
    obey(connection, id, command);
  }

  function receive(connection: Connection, data: RawData, isBinary: boolean): void {
    const { socket } = connection;
    if (isBinary) return socket.close(3501, 'bad request');
    for (const line of (data as Buffer).toString('utf8').split('\n').filter(Boolean)) {
      if (socket.readyState !== socket.OPEN) return;
      let command: Command;
      try {
        command = JSON.parse(line) as Command;
      } catch {
        return socket.close(3501, 'bad request');
      }
      take(connection, command);
    }
  }

  const host = await startDialectHost({
    path: '/connection/websocket',
    onSocket(socket) {
      sockets += 1;
      const connection: Connection = {
        number: sockets,
        socket,
        channels: new Set(),
        user: null,
        isUnusable: false,
        isPingOpen: false,
        cancelExpiry: () => {},
        cancelPing: () => {},
        cancelPong: () => {},
      };
      connections.add(connection);
      const cancelStale = host.timers.after(staleMs, () => {
        if (connection.user === null) socket.close(3502, 'stale');
      });
      socket.on('message', (data, isBinary) => receive(connection, data, isBinary));
      socket.once('close', () => {
        connections.delete(connection);
        cancelStale();
        connection.cancelExpiry();
        connection.cancelPing();
        connection.cancelPong();
      });
    },
  });

  function disconnect(code: number, reason = '', how: 'close' | 'push' = 'close'): void {
    for (const connection of connections) {
      if (how === 'push') send(connection, { push: { disconnect: { code, reason } } });
      connection.socket.close(how === 'push' ? 1000 : code, reason);
    }
  }

  return {
    ...host,
    tokens,
    received,
    commands,
    get pings() {
      return pings;
    },
    get pongs() {
      return pongs;
    },
    publish,
    disconnect,
    refuse(error) {
      refusal = error;
    },
    shutDown(forMs) {
      disconnect(3001, 'shutdown');
      // The close frames leave before the port does.
      host.timers.after(20, () => host.restart(forMs));
    },
    silence() {
      for (const connection of connections) {
        connection.socket.pause();
        connection.socket.send = () => {};
        connection.cancelPong();
      }
    },
  };
}

import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import { startDialectHost, type DialectHost } from './dialectHost';
import { TokenBook } from './tokenBook';

export interface ActionCableServerOptions {
  /** Between two pings. @default 3_000, as Rails does */
  pingMs?: number;
  /** How long `connect` looks at who comes, before `welcome`. @default 0 */
  connectMs?: number;
}

/** A command that reached the server, in the order in which it was obeyed. Sockets count from 1. */
export interface CableCommand {
  readonly socket: number;
  readonly command: unknown;
  readonly identifier: unknown;
  /** `data`, decoded. */
  readonly data: unknown;
}

/**
 * Action Cable of Rails 8 with one application: `ChatChannel {room}`, whose `speak {text}` goes to everybody in the room,
 * and `AdminChannel`, which rejects everybody.
 *
 * Who somebody is, is looked for in the cookie `session`, the query `ticket` (single-use) and a subprotocol `bearer.…`.
 *
 * @see https://github.com/rails/rails/tree/main/actioncable/lib/action_cable
 */
export interface ActionCableServer extends Pick<
  DialectHost,
  'url' | 'upgrades' | 'open' | 'reset' | 'restart' | 'close'
> {
  /** Sessions and access tokens. */
  readonly tokens: TokenBook;
  readonly tickets: TokenBook;
  readonly commands: readonly CableCommand[];
  /** Welcomes, by user. */
  readonly welcomed: readonly string[];
  /** How sockets that are no longer there ended, by close code. */
  readonly closes: readonly number[];
  /** `ActionCable.server.broadcast`. */
  broadcast(room: number, message: unknown): void;
  /** `connection.close(reason:, reconnect:)` on every connection: `remote_connections.disconnect`, `server.restart`. */
  disconnect(reason: string | null, reconnect?: boolean): void;
  /** Leaves sockets open without reading, answering or pinging. */
  silence(): void;
}

interface Connection {
  readonly number: number;
  readonly socket: WebSocket;
  /** By identifier: the room. */
  readonly subscriptions: Map<string, unknown>;
}

/** The subprotocols of `ActionCable::INTERNAL`. */
const PROTOCOLS = ['actioncable-v1-json', 'actioncable-unsupported'];

/** Starts it on 127.0.0.1. */
export async function startActionCableServer(
  options: ActionCableServerOptions = {},
): Promise<ActionCableServer> {
  const { pingMs = 3_000, connectMs = 0 } = options;
  const tokens = new TokenBook(60_000);
  const tickets = new TokenBook(60_000);
  const commands: CableCommand[] = [];
  const welcomed: string[] = [];
  const closes: number[] = [];
  /** Those that were welcomed. */
  const connections = new Set<Connection>();
  let sockets = 0;

  const transmit = ({ socket }: Connection, message: unknown) => socket.send(JSON.stringify(message));

  /** `Connection::Base#close`. */
  function close(connection: Connection, reason: string | null, reconnect = true): void {
    transmit(connection, { type: 'disconnect', reason, reconnect });
    connection.socket.close(1000);
  }

  /** `find_verified_user`. */
  function userOf(request: IncomingMessage): string | null {
    const cookie = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    const ticket = new URL(request.url ?? '', 'http://server').searchParams.get('ticket');
    const bearer = /bearer\.([\w-]+)/.exec(request.headers['sec-websocket-protocol'] ?? '')?.[1];
    const entry =
      ticket === null
        ? tokens.check(cookie ?? Buffer.from(bearer ?? '', 'base64url').toString())
        : tickets.check(ticket);
    if (ticket !== null) tickets.revoke(ticket);
    return typeof entry === 'string' ? null : entry.user;
  }

  function obey(connection: Connection, text: string): void {
    const { command, identifier, data } = JSON.parse(text) as Record<string, unknown>;
    const decoded: unknown = data === undefined ? undefined : JSON.parse(data as string);
    commands.push({ socket: connection.number, command, identifier, data: decoded });
    const key = String(identifier);
    switch (command) {
      case 'subscribe': {
        const { channel, room } = JSON.parse(key) as { channel: unknown; room: unknown };
        // One that is there already, and a channel that is not known, get no answer.
        if (connection.subscriptions.has(key)) return;
        if (channel === 'AdminChannel') {
          return transmit(connection, { identifier, type: 'reject_subscription' });
        }
        if (channel !== 'ChatChannel') return;
        connection.subscriptions.set(key, room);
        return transmit(connection, { identifier, type: 'confirm_subscription' });
      }
      case 'unsubscribe':
        connection.subscriptions.delete(key);
        return;
      case 'message': {
        // Rails raises and logs for a subscription that it does not know.
        if (!connection.subscriptions.has(key)) return;
        const { action, text: said } = decoded as { action: unknown; text: unknown };
        if (action === 'speak') broadcast(connection.subscriptions.get(key), { text: said });
      }
    }
  }

  function broadcast(room: unknown, message: unknown): void {
    for (const connection of connections) {
      for (const [identifier, its] of connection.subscriptions) {
        if (its === room) transmit(connection, { identifier, message });
      }
    }
  }

  const host = await startDialectHost({
    path: '/cable',
    selectProtocol: offered => offered.find(protocol => PROTOCOLS.includes(protocol)) ?? false,
    onSocket(socket, request) {
      sockets += 1;
      const connection: Connection = { number: sockets, socket, subscriptions: new Map() };
      /** `MessageBuffer`: what comes before the welcome. */
      let early: string[] | null = [];
      const receive = (text: string) => {
        try {
          obey(connection, text);
        } catch {
          // Rails logs what it cannot read.
        }
      };
      socket.on('message', (data: RawData, isBinary) => {
        if (isBinary) return;
        const text = (data as Buffer).toString('utf8');
        if (early) early.push(text);
        else receive(text);
      });
      socket.once('close', code => {
        closes.push(code);
        connections.delete(connection);
      });
      const open = () => {
        const user = userOf(request);
        if (user === null) return close(connection, 'unauthorized', false);
        transmit(connection, { type: 'welcome' });
        welcomed.push(user);
        const buffered = early ?? [];
        early = null;
        for (const text of buffered) receive(text);
        connections.add(connection);
      };
      if (connectMs > 0) host.timers.after(connectMs, open);
      else open();
    },
  });

  const beat = () => {
    const message = Math.floor(Date.now() / 1000);
    for (const connection of connections) transmit(connection, { type: 'ping', message });
    host.timers.after(pingMs, beat);
  };
  host.timers.after(pingMs, beat);

  return {
    ...host,
    tokens,
    tickets,
    commands,
    welcomed,
    closes,
    broadcast,
    disconnect(reason, reconnect) {
      for (const connection of connections) close(connection, reason, reconnect);
    },
    silence() {
      for (const socket of host.open) {
        socket.pause();
        socket.send = () => {};
      }
    },
  };
}

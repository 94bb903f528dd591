import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import { startDialectHost, type DialectHost } from './dialectHost';
import { TokenBook } from './tokenBook';

export interface PhoenixServerOptions {
  /** Life of a token that was issued without one. @default 3_600_000, as there */
  lifeMs?: number;
  /** Judge the `authToken` of Phoenix during the handshake, and no token of a join. @default false, as Supabase */
  authToken?: boolean;
}

/** A join that reached the server. */
export interface ReceivedJoin {
  /** Counts sockets from 1. */
  readonly connection: number;
  readonly topic: string;
  readonly payload: Record<string, unknown>;
  /** Why it was refused; null: it was not. */
  readonly refusedWith: string | null;
}

/**
 * Phoenix channels as Supabase Realtime serves them, as far as a client can tell them apart: a channel per topic and
 * socket, held to a token, that ends with a `system` error and `phx_close`.
 *
 * @see https://github.com/phoenixframework/phoenix/blob/main/lib/phoenix/socket.ex
 * @see https://github.com/supabase/realtime/blob/main/lib/realtime_web/channels/realtime_channel.ex
 */
export interface PhoenixServer extends Pick<
  DialectHost,
  'url' | 'httpUrl' | 'upgrades' | 'open' | 'reset' | 'restart' | 'close'
> {
  /** Where the published client dials; it adds `/websocket` itself. */
  readonly endPoint: string;
  readonly tokens: TokenBook;
  readonly joins: readonly ReceivedJoin[];
  /** Pushes of `access_token` that changed the token of a channel, by socket. */
  readonly adoptions: readonly { connection: number; topic: string; token: string }[];
  readonly heartbeats: number;
  /** From now on joins of this topic are refused so; null: no longer. */
  refuse(topic: string, reason: string | null): void;
  /** To everybody in the channel; `as` another client of Supabase sends it: in binary. */
  broadcast(topic: string, event: string, payload: unknown, as?: 'text' | 'binary'): void;
  /** Ends the channel on every socket, with this `system` error. */
  shutDown(topic: string, message: string): void;
  /** The channel's process dies. */
  crash(topic: string): void;
  /** Closes every socket: a "disconnect" broadcast is 1000 under Cowboy and 1011 under Bandit, a drain 1012. */
  disconnect(code: number): void;
  /** Leaves the sockets that are open now without reading or answering. */
  silence(): void;
}

interface Channel {
  readonly topic: string;
  readonly joinRef: unknown;
  readonly isEcho: boolean;
  token: unknown;
  cancelExpiry: () => void;
}

interface Connection {
  readonly number: number;
  readonly socket: WebSocket;
  readonly channels: Map<string, Channel>;
}

const PATH = '/realtime/v1/websocket';
export const PUBLIC_KEY = 'public-anon-key';
const BEARER = 'base64url.bearer.phx.';

/** Starts it on 127.0.0.1. */
export async function startPhoenixServer(options: PhoenixServerOptions = {}): Promise<PhoenixServer> {
  const { lifeMs = 3_600_000, authToken = false } = options;
  const tokens = new TokenBook(lifeMs);
  const connections = new Set<Connection>();
  const joins: ReceivedJoin[] = [];
  const adoptions: { connection: number; topic: string; token: string }[] = [];
  const refusals = new Map<string, string>();
  let heartbeats = 0;
  let sockets = 0;

  const push = ({ socket }: Connection, ...frame: unknown[]) => socket.send(JSON.stringify(frame));

  function reply(
    connection: Connection,
    joinRef: unknown,
    ref: unknown,
    topic: unknown,
    answer: unknown,
  ): void {
    const [status, response] = typeof answer === 'string' ? ['error', { reason: answer }] : ['ok', answer];
    push(connection, joinRef, ref, topic, 'phx_reply', { status, response });
  }

  /** Arms the end of the token, or says why the channel cannot have it: with its code, and without. */
  function hold(connection: Connection, channel: Channel): null | { code: string; text: string } {
    channel.cancelExpiry();
    // Without one the public key speaks for the user.
    if (authToken || channel.token === undefined) return null;
    const entry = tokens.check(channel.token);
    if (entry === 'expired') return { code: 'InvalidJWTToken: ', text: 'Token has expired 1 seconds ago' };
    if (typeof entry === 'string')
      return { code: 'JwtSignatureError: ', text: 'Failed to validate JWT signature' };
    channel.cancelExpiry = host.timers.after(entry.expiresAt - Date.now(), () =>
      shutDown(connection, channel, 'Token has expired 0 seconds ago'),
    );
    return null;
  }

  function end(connection: Connection, channel: Channel, event: 'phx_close' | 'phx_error'): void {
    channel.cancelExpiry();
    if (connection.channels.get(channel.topic) !== channel) return;
    connection.channels.delete(channel.topic);
    push(connection, channel.joinRef, channel.joinRef, channel.topic, event, {});
  }

  function shutDown(connection: Connection, channel: Channel, message: string): void {
    const payload = { extension: 'system', status: 'error', message, channel: channel.topic };
    push(connection, channel.joinRef, null, channel.topic, 'system', payload);
    end(connection, channel, 'phx_close');
  }

  function join(
    connection: Connection,
    joinRef: unknown,
    ref: unknown,
    topic: string,
    payload: unknown,
  ): void {
    const former = connection.channels.get(topic);
    if (former) end(connection, former, 'phx_close');
    const params = (payload ?? {}) as Record<string, unknown>;
    const { broadcast } = (params.config ?? {}) as { broadcast?: { self?: boolean } };
    const channel: Channel = {
      topic,
      joinRef,
      isEcho: broadcast?.self === true,
      token: params.access_token,
      cancelExpiry: () => {},
    };
    const isKnown = topic.startsWith('realtime:');
    const refusal = isKnown ? (refusals.get(topic) ?? null) : 'unmatched topic';
    const fault = refusal === null ? hold(connection, channel) : null;
    const refusedWith = fault ? `${fault.code}${fault.text}` : refusal;
    joins.push({ connection: connection.number, topic, payload: params, refusedWith });
    if (refusedWith === null) connection.channels.set(topic, channel);
    reply(connection, joinRef, ref, topic, refusedWith ?? { postgres_changes: [] });
  }

  /** What the channel's process does, in its own time: what the socket's process answers may overtake it. */
  function handle(
    connection: Connection,
    channel: Channel,
    ref: unknown,
    event: unknown,
    payload: unknown,
  ): void {
    const { topic } = channel;
    if (connection.channels.get(topic) !== channel) return;
    if (event === 'phx_leave') {
      reply(connection, channel.joinRef, ref, topic, {});
      return end(connection, channel, 'phx_close');
    }
    if (event === 'access_token') {
      const { access_token: token } = (payload ?? {}) as { access_token?: unknown };
      if (typeof token !== 'string' || token === channel.token) return;
      channel.token = token;
      const fault = hold(connection, channel);
      if (fault)
        return shutDown(
          connection,
          channel,
          fault.code === 'JwtSignatureError: ' ? ':signature_error' : fault.text,
        );
      adoptions.push({ connection: connection.number, topic, token });
      return;
    }
    if (event === 'broadcast') fanOut(topic, payload, connection);
    if (ref !== null) reply(connection, channel.joinRef, ref, topic, {});
  }

  function fanOut(topic: string, payload: unknown, from?: Connection): void {
    for (const connection of connections) {
      const channel = connection.channels.get(topic);
      if (channel && (connection !== from || channel.isEcho))
        push(connection, null, null, topic, 'broadcast', payload);
    }
  }

  function receive(connection: Connection, data: RawData, isBinary: boolean): void {
    if (isBinary) return receiveBinary(connection, data as Buffer);
    let frame: unknown;
    try {
      frame = JSON.parse((data as Buffer).toString('utf8'));
    } catch {
      // Logged there, and no more.
      return;
    }
    if (!Array.isArray(frame) || frame.length < 5) return;
    const [joinRef, ref, topic, event, payload] = frame as unknown[];
    if (topic === 'phoenix' && event === 'heartbeat') {
      heartbeats += 1;
      return reply(connection, null, ref, topic, {});
    }
    if (event === 'phx_join') return join(connection, joinRef, ref, topic as string, payload);
    const channel = connection.channels.get(topic as string);
    if (event === 'phx_leave' && channel && joinRef !== channel.joinRef) return;
    if (!channel) return reply(connection, null, ref, topic, event === 'phx_leave' ? {} : 'unmatched topic');
    setImmediate(() => handle(connection, channel, ref, event, payload));
  }

  /** A push in binary: it is answered with its own payload, and goes to everybody else. */
  function receiveBinary(connection: Connection, data: Buffer): void {
    if (data[0] !== 0) return;
    const sizes = [...data.subarray(1, 5)];
    let at = 5;
    const [joinRef = '', ref = '', topic = '', event = ''] = sizes.map(size =>
      data.toString('utf8', at, (at += size)),
    );
    const body = data.subarray(at);
    const channel = connection.channels.get(topic);
    if (!channel) return reply(connection, null, ref, topic, 'unmatched topic');
    connection.socket.send(binary(1, [joinRef, ref, topic, 'ok'], body));
    for (const { socket, channels } of connections) {
      if (socket !== connection.socket && channels.has(topic)) socket.send(binary(2, [topic, event], body));
    }
  }

  /** `null`, or the status that the upgrade is refused with. */
  function refuseUpgrade(request: IncomingMessage): number | null {
    const { searchParams } = new URL(request.url ?? '/', 'http://server');
    if (searchParams.get('vsn') !== '2.0.0') return 403;
    if (!authToken) return searchParams.get('apikey') === PUBLIC_KEY ? null : 403;
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
    const encoded = offered.find(name => name.startsWith(BEARER))?.slice(BEARER.length) ?? '';
    const token = Buffer.from(encoded, 'base64').toString('utf8');
    return typeof tokens.check(token) === 'string' ? 403 : null;
  }

  const host = await startDialectHost({
    path: PATH,
    refuse: refuseUpgrade,
    onSocket(socket) {
      sockets += 1;
      const connection: Connection = { number: sockets, socket, channels: new Map() };
      connections.add(connection);
      socket.on('message', (data, isBinary) => {
        if (socket.readyState === socket.OPEN) receive(connection, data, isBinary);
      });
      socket.once('close', () => {
        connections.delete(connection);
        for (const channel of connection.channels.values()) channel.cancelExpiry();
        connection.channels.clear();
      });
    },
  });

  function each(topic: string, action: (connection: Connection, channel: Channel) => void): void {
    for (const connection of connections) {
      const channel = connection.channels.get(topic);
      if (channel) action(connection, channel);
    }
  }

  return {
    url: `${host.url}${authToken ? '' : `?apikey=${PUBLIC_KEY}`}`,
    endPoint: host.url.slice(0, -'/websocket'.length),
    httpUrl: host.httpUrl,
    upgrades: host.upgrades,
    open: host.open,
    reset: host.reset,
    restart: host.restart,
    close: host.close,
    tokens,
    joins,
    adoptions,
    get heartbeats() {
      return heartbeats;
    },
    refuse(topic, reason) {
      if (reason === null) refusals.delete(topic);
      else refusals.set(topic, reason);
    },
    broadcast(topic, event, payload, as = 'text') {
      if (as === 'text') return fanOut(topic, { type: 'broadcast', event, payload });
      const frame = binary(4, [topic, event, ''], Buffer.from(JSON.stringify(payload)), 1);
      each(topic, ({ socket }) => socket.send(frame));
    },
    shutDown: (topic, message) =>
      each(topic, (connection, channel) => shutDown(connection, channel, message)),
    crash: topic => each(topic, (connection, channel) => end(connection, channel, 'phx_error')),
    disconnect(code) {
      for (const { socket } of connections) socket.close(code);
    },
    silence() {
      for (const { socket } of connections) {
        socket.pause();
        socket.send = () => {};
      }
    },
  };
}

function binary(kind: number, head: readonly string[], body: Buffer, ...more: number[]): Buffer {
  const sizes = head.map(text => Buffer.byteLength(text));
  return Buffer.concat([Buffer.from([kind, ...sizes, ...more]), Buffer.from(head.join('')), body]);
}

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import { startDialectHost, type DialectHost } from './dialectHost';
import { TokenBook } from './tokenBook';

const ACCESS_LIFE_MS = 30 * 60_000;

export interface HomeAssistantServerOptions {
  /** How long a socket may stay without its `auth` message. @default 10_000, as there */
  authDeadlineMs?: number;
  /** Failed logins after which nobody is let in any more (403). @default never, as there */
  loginAttempts?: number;
  /** What the server calls itself. @default '2025.1.0' */
  version?: string;
}

/** A command that reached the server. */
export interface ReceivedCommand {
  /** Counts sockets from 1. */
  readonly connection: number;
  readonly id: unknown;
  readonly type: unknown;
  /** The error code it was answered with; null: it was obeyed. */
  readonly error: string | null;
}

/**
 * The websocket API of Home Assistant with its token endpoint: what a client can see of them. Left out: ten seconds of
 * leeway at a token's expiry, protocol pings every 55 s, the check of `client_id`.
 *
 * @see https://github.com/home-assistant/core/tree/dev/homeassistant/components/websocket_api
 * @see https://github.com/home-assistant/core/blob/dev/homeassistant/components/auth/__init__.py
 */
export interface HomeAssistantServer extends Pick<
  DialectHost,
  'url' | 'httpUrl' | 'upgrades' | 'open' | 'reset' | 'restart' | 'close'
> {
  readonly accessTokens: TokenBook;
  readonly commands: readonly ReceivedCommand[];
  /** Frames that held several messages. */
  readonly coalesced: number;
  /** How often `auth_invalid` was said: each counts as an attempt to break in. */
  readonly failedLogins: number;
  /** Requests to `POST /auth/token`, by status. */
  readonly tokenRequests: readonly number[];
  /** A login: gives its refresh token. */
  logIn(user?: string): string;
  /** The login is withdrawn: its tokens are worthless, its sockets close. */
  revoke(refreshToken: string): void;
  /** The time of the access tokens that were issued so far has run out. Nobody is told, no socket closes. */
  expireAccessTokens(but?: { except: string | undefined }): void;
  /** Puts an event onto the bus. */
  fire(eventType: string, ...data: unknown[]): void;
  /** Leaves sockets open without reading or answering. */
  silence(): void;
  /** Says goodbye to every socket, as the server does when it stops. */
  stop(): void;
}

interface Connection {
  readonly number: number;
  readonly socket: WebSocket;
  refreshToken: string | null;
  lastId: number;
  canCoalesce: boolean;
  subscriptions: Map<number, string>;
  queue: unknown[];
}

/** Starts it on 127.0.0.1. */
export async function startHomeAssistantServer(
  options: HomeAssistantServerOptions = {},
): Promise<HomeAssistantServer> {
  const { authDeadlineMs = 10_000, loginAttempts = Infinity } = options;
  const { version = '2025.1.0' } = options;
  const accessTokens = new TokenBook(ACCESS_LIFE_MS);
  const logins = new Map<string, { user: string; access: string[] }>();
  const expired = new Set<string>();
  const connections = new Set<Connection>();
  const commands: ReceivedCommand[] = [];
  const tokenRequests: number[] = [];
  let failedLogins = 0;
  let coalesced = 0;
  let sockets = 0;

  /** Messages that are due together leave together, once the client said that it reads that. */
  function send(connection: Connection, message: unknown): void {
    connection.queue.push(message);
    if (connection.queue.length > 1) return;
    setImmediate(() => {
      const messages = connection.queue.splice(0);
      if (connection.canCoalesce && messages.length > 1) {
        coalesced += 1;
        connection.socket.send(JSON.stringify(messages));
      } else for (const one of messages) connection.socket.send(JSON.stringify(one));
    });
  }

  function obey(connection: Connection, message: Record<string, unknown>): void {
    const { id, type } = message;
    const note = (error: string | null) => commands.push({ connection: connection.number, id, type, error });
    const refuse = (code: string, text: string) => {
      note(code);
      send(connection, { id: id ?? null, type: 'result', success: false, error: { code, message: text } });
    };
    if (!Number.isInteger(id) || (id as number) < 1 || typeof type !== 'string' || type === '') {
      return refuse('invalid_format', 'Message incorrectly formatted.');
    }
    const number = id as number;
    if (number <= connection.lastId) return refuse('id_reuse', 'Identifier values have to increase.');
    const result = (value: unknown = null) => {
      note(null);
      send(connection, { id: number, type: 'result', success: true, result: value });
    };
    switch (type) {
      case 'ping':
        note(null);
        send(connection, { id: number, type: 'pong' });
        break;
      case 'supported_features':
        connection.canCoalesce = 'coalesce_messages' in ((message.features ?? {}) as object);
        result();
        break;
      case 'subscribe_events':
        connection.subscriptions.set(
          number,
          typeof message.event_type === 'string' ? message.event_type : '*',
        );
        result();
        break;
      case 'unsubscribe_events':
        if (connection.subscriptions.delete(message.subscription as number)) result();
        else refuse('not_found', 'Subscription not found.');
        break;
      case 'get_states':
        result([{ entity_id: 'light.kitchen', state: 'on' }]);
        break;
      default:
        // The only refusal that does not use the id up.
        return refuse('unknown_command', 'Unknown command.');
    }
    connection.lastId = number;
  }

  function refuseLogin({ socket }: Connection, message: string): void {
    failedLogins += 1;
    socket.send(JSON.stringify({ type: 'auth_invalid', message }));
    socket.close(1000);
  }

  function authenticate(connection: Connection, message: Record<string, unknown> | null): void {
    const { type, access_token: token, ...more } = message ?? {};
    if (type !== 'auth' || typeof token !== 'string' || Object.keys(more).length > 0) {
      connection.socket.send(
        JSON.stringify({ type: 'auth_invalid', message: 'Auth message incorrectly formatted' }),
      );
      return connection.socket.close(1000);
    }
    const login = [...logins].find(([, { access }]) => access.includes(token));
    if (!login || expired.has(token) || typeof accessTokens.check(token) === 'string') {
      return refuseLogin(connection, 'Invalid access token or password');
    }
    connection.refreshToken = login[0];
    connection.socket.send(JSON.stringify({ type: 'auth_ok', ha_version: version }));
  }

  const host = await startDialectHost({
    path: '/api/websocket',
    refuse: () => (failedLogins >= loginAttempts ? 403 : null),
    onRequest: (request, response) => void answerHttp(request, response),
    onSocket(socket) {
      sockets += 1;
      const connection: Connection = {
        number: sockets,
        socket,
        refreshToken: null,
        lastId: 0,
        canCoalesce: false,
        subscriptions: new Map(),
        queue: [],
      };
      connections.add(connection);
      const cancelDeadline = host.timers.after(authDeadlineMs, () => socket.close(1000));
      socket.once('close', () => {
        connections.delete(connection);
        cancelDeadline();
      });
      socket.send(JSON.stringify({ type: 'auth_required', ha_version: version }));
      socket.on('message', (data: RawData, isBinary) => {
        if (socket.readyState !== socket.OPEN) return;
        if (connection.refreshToken === null) {
          cancelDeadline();
          if (isBinary) return socket.close(1000);
        }
        // Voice: its first byte names a handler that a command has set up.
        if (isBinary) return;
        let parsed: unknown;
        try {
          parsed = JSON.parse((data as Buffer).toString('utf8'));
        } catch {
          return socket.close(1000);
        }
        if (connection.refreshToken === null) {
          return authenticate(connection, parsed as Record<string, unknown> | null);
        }
        for (const one of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) {
          obey(connection, (one ?? {}) as Record<string, unknown>);
        }
      });
    },
  });

  async function answerHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', host.httpUrl).pathname;
    const answer = (status: number, body: unknown) => {
      if (path === '/auth/token') tokenRequests.push(status);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.method !== 'POST' || !['/auth/token', '/auth/revoke'].includes(path)) return answer(404, {});
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = await new Response(Buffer.concat(chunks), {
      headers: { 'content-type': request.headers['content-type'] ?? '' },
    })
      .formData()
      .catch(() => new FormData());
    const field = (name: string) => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    };
    if (path === '/auth/revoke') {
      revoke(field('token'));
      return answer(200, {});
    }
    const login = logins.get(field('refresh_token'));
    if (field('grant_type') !== 'refresh_token') return answer(400, { error: 'unsupported_grant_type' });
    if (!login) return answer(400, { error: 'invalid_grant' });
    const token = accessTokens.issue(login.user);
    login.access.push(token);
    answer(200, { access_token: token, token_type: 'Bearer', expires_in: ACCESS_LIFE_MS / 1000 });
  }

  function revoke(refreshToken: string): void {
    const login = logins.get(refreshToken);
    logins.delete(refreshToken);
    for (const token of login?.access ?? []) accessTokens.revoke(token);
    for (const connection of connections) {
      if (connection.refreshToken === refreshToken) connection.socket.close(1000);
    }
  }

  return {
    ...host,
    accessTokens,
    commands,
    tokenRequests,
    get failedLogins() {
      return failedLogins;
    },
    get coalesced() {
      return coalesced;
    },
    logIn(user = 'paulus') {
      const refreshToken = `refresh_${randomBytes(12).toString('hex')}`;
      logins.set(refreshToken, { user, access: [] });
      return refreshToken;
    },
    revoke,
    expireAccessTokens(but) {
      for (const token of accessTokens.all) if (token !== but?.except) expired.add(token);
    },
    fire(eventType, ...data) {
      for (const connection of connections) {
        for (const [id, wanted] of connection.subscriptions) {
          if (wanted !== '*' && wanted !== eventType) continue;
          for (const one of data.length > 0 ? data : [{}]) {
            send(connection, { id, type: 'event', event: { event_type: eventType, data: one } });
          }
        }
      }
    },
    silence() {
      for (const { socket } of connections) {
        socket.pause();
        socket.send = () => {};
      }
    },
    stop() {
      for (const { socket } of connections) socket.close(1000);
    },
  };
}

import { AuthSocketError } from '../machine/errors';
import type { Verdict } from '../machine/verdict';
import { disconnectVerdict, errorVerdict } from './centrifugoCodes';
import { closeTable, secondsToMs } from './closeTable';
import { readJson } from './jsonText';
import type { CloseFacts, Frame, Inbound, SocketProtocol } from './protocol';

/**
 * A command of the client protocol: an `id` and one field that names what to do. The answer carries the same id.
 *
 * The ids 1 and from 2,147,483,648 on are the dialect's own. `send` alone goes without an id.
 */
export interface CentrifugoCommand {
  id?: number;
  subscribe?: { channel: string; token?: string; data?: unknown; [field: string]: unknown };
  unsubscribe?: { channel: string };
  publish?: { channel: string; data: unknown };
  presence?: { channel: string };
  presence_stats?: { channel: string };
  history?: { channel: string; [field: string]: unknown };
  rpc?: { method?: string; data?: unknown };
  send?: { data: unknown };
  sub_refresh?: { channel: string; token: string };
}

/** What the server says about a command that failed. */
export interface CentrifugoError {
  code: number;
  message: string;
  temporary?: boolean;
}

/** A publication in a channel; `offset` counts up where the channel keeps a history. */
export interface CentrifugoPublication {
  data: unknown;
  offset?: number;
  info?: unknown;
  tags?: Record<string, string>;
}

/** What nobody asked for. */
export interface CentrifugoPush {
  channel?: string;
  pub?: CentrifugoPublication;
  join?: { info: unknown };
  leave?: { info: unknown };
  subscribe?: Record<string, unknown>;
  unsubscribe?: { code: number; reason: string };
  message?: { data: unknown };
  refresh?: { expires?: boolean; ttl?: number };
}

/** The answer to a command, the one to `connect` included, or a push. */
export interface CentrifugoReply {
  id?: number;
  error?: CentrifugoError;
  push?: CentrifugoPush;
  /** `data` and `subs` of the server's choice. */
  connect?: { client: string; version?: string; data?: unknown; subs?: Record<string, unknown> };
  subscribe?: Record<string, unknown>;
  unsubscribe?: Record<string, unknown>;
  publish?: Record<string, unknown>;
  presence?: Record<string, unknown>;
  presence_stats?: Record<string, unknown>;
  history?: Record<string, unknown>;
  rpc?: { data?: unknown };
  sub_refresh?: Record<string, unknown>;
}

/** Options of `centrifugo()`. */
export interface CentrifugoOptions {
  /** What else the connect command carries, such as `data`, `name` or `subs`. Called per link. @default nothing */
  connect?: () => Record<string, unknown>;
  /**
   * Whether the client refreshes its connection token. false where Centrifugo does it by itself through a refresh proxy,
   * which takes a refresh command for a fault: a new token is kept for the next link then, this one goes on.
   *
   * @default true
   */
  clientSideRefresh?: boolean;
  /** `client.ping_interval` of the server. A link that is silent for `heartbeat.timeoutMs` longer is dead. @default 25_000 */
  serverPingMs?: number;
  /** What a disconnect code, or the code of an error reply, means on your server: `{ 4501: 'revoked' }`. */
  verdicts?: Readonly<Record<number, Verdict>>;
}

const CONNECT_ID = 1;
/** Refreshes are numbered from here on, out of the way of an application that counts from 2. The wire has uint32. */
const REFRESH_BASE = 2 ** 31;

/**
 * The JSON protocol of Centrifugo, version 2, and of servers made with the centrifuge library. The topic of a push is its
 * channel.
 *
 * | from us | from the server |
 * |---|---|
 * | `{id: 1, connect: {token}}` | `connect`: ready, for `ttl` seconds, and a message · `error`: refused |
 * | `{id: 2^31 + n, refresh: {token}}` | `refresh`: taken, for `ttl` seconds · `error`: refused |
 * | `{}`, at once, if the server wants it | `{}`: the server's ping |
 * | a command of yours | its answer: a message |
 * | | `push`: a message, `disconnect`: a verdict |
 *
 * Subscriptions belong to a link: send them in `onOpen`, or leave them to the server. The server's ping is the only sign of
 * life. Make one of these per server: it remembers whether pings want an answer.
 *
 * @see https://centrifugal.dev/docs/transports/client_protocol
 * @see https://github.com/centrifugal/centrifuge/blob/master/client.go
 */
export function centrifugo<In = CentrifugoReply, Out = CentrifugoCommand>(
  options: CentrifugoOptions = {},
): SocketProtocol<In, Out> {
  const { connect, clientSideRefresh = true, serverPingMs = 25_000, verdicts = {} } = options;
  if (connect !== undefined && typeof connect !== 'function') throw invalid('connect must be a function');
  if (typeof clientSideRefresh !== 'boolean') throw invalid('clientSideRefresh must be true or false');
  if (!(Number.isFinite(serverPingMs) && serverPingMs > 0)) {
    throw invalid('serverPingMs must be a finite number above 0');
  }
  const judgeOther = closeTable(verdicts);
  /** A setting of the server, the same for every link. An answer too many is a fault there, one that is missing too. */
  let wantsPong = true;

  function readReply(reply: unknown): readonly Frame<In>[] {
    if (typeof reply !== 'object' || reply === null || Array.isArray(reply)) {
      return [{ kind: 'malformed', why: 'not an object' }];
    }
    const { id, error, push } = reply as { id?: unknown; error?: unknown; push?: unknown };
    if (!id && !error && !push) return [wantsPong ? { kind: 'reply', data: '{}' } : { kind: 'ignore' }];
    const message: Frame<In> = { kind: 'message', message: reply as In };
    if (push) {
      const { channel, disconnect } = fieldsOf(push);
      if (disconnect) {
        return [{ kind: 'verdict', verdict: disconnectVerdict(fieldsOf(disconnect).code, verdicts) }];
      }
      return [typeof channel === 'string' && channel !== '' ? { ...message, topic: channel } : message];
    }
    if (id === CONNECT_ID) {
      if (error) return [{ kind: 'refused', verdict: errorVerdict(fieldsOf(error), verdicts) }];
      const { connect: result } = reply as { connect?: unknown };
      if (!result) return [message];
      wantsPong = fieldsOf(result).pong === true;
      return [{ kind: 'ready', expiresInMs: lifeOf(result) }, message];
    }
    if (typeof id === 'number' && id > REFRESH_BASE) {
      const refreshId = id - REFRESH_BASE;
      if (error)
        return [{ kind: 'refused', id: refreshId, verdict: errorVerdict(fieldsOf(error), verdicts) }];
      const { refresh: result } = reply as { refresh?: unknown };
      return [{ kind: 'refreshed', id: refreshId, expiresInMs: lifeOf(result) }];
    }
    return [message];
  }

  return {
    name: 'centrifugo',
    hello: token =>
      JSON.stringify({ id: CONNECT_ID, connect: { ...connect?.(), ...(token !== '' && { token }) } }),
    waitsForReady: true,
    refresh: (token, id) =>
      clientSideRefresh ? JSON.stringify({ id: REFRESH_BASE + id, refresh: { token } }) : [],
    serverPingMs,
    judgeClose(close: CloseFacts) {
      return close.code >= 3000 ? disconnectVerdict(close.code, verdicts) : judgeOther(close);
    },
    write(message) {
      const command: unknown = message;
      if (typeof command !== 'object' || command === null || Array.isArray(command)) {
        throw unsendable('a command must be an object');
      }
      const { id, send } = command as { id?: unknown; send?: unknown };
      // Without an id it would pass for the answer to a ping that never came, which ends the connection.
      const isNumbered = Number.isInteger(id) && (id as number) > 1 && (id as number) < REFRESH_BASE;
      if (!isNumbered && (id !== undefined || send === undefined)) {
        throw unsendable(
          'a command needs an id, a whole number from 2 to 2147483647; only send may go without',
        );
      }
      return JSON.stringify(command);
    },
    read(data: Inbound) {
      if (typeof data !== 'string') return { kind: 'malformed', why: 'a binary frame, not JSON' };
      const lines = data.split(/\n+/).filter(line => line.trim() !== '');
      return lines.flatMap(line => {
        const json = readJson(line);
        return 'kind' in json ? json : readReply(json.value);
      });
    },
  };
}

/** How long the server lets the connection live; undefined: it does not end by itself. */
function lifeOf(result: unknown): number | undefined {
  const { expires, ttl } = fieldsOf(result);
  return expires === true ? secondsToMs(ttl) : undefined;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function invalid(what: string): AuthSocketError {
  return new AuthSocketError('invalid-option', `centrifugo: ${what}.`);
}

function unsendable(what: string): AuthSocketError {
  return new AuthSocketError('invalid-message', `centrifugo: ${what}.`);
}

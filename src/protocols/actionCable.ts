import { AuthSocketError } from '../machine/errors';
import type { Verdict } from '../machine/verdict';
import { closeTable, verdictOfWord } from './closeTable';
import { cookie } from './cookie';
import { readJson, writeJson } from './jsonText';
import type { Carrier, DialAnswer, Frame, Inbound, SocketProtocol } from './protocol';

/** What comes for a subscription; `identifier` is the one that it was made with, and the topic. */
export interface CableIncoming {
  identifier: string;
  /** What became of `subscribe`. Absent: the channel transmits `message`. */
  type?: 'confirm_subscription' | 'reject_subscription';
  message?: unknown;
}

/** A command to a channel. `identifier` is JSON: `JSON.stringify({ channel: 'ChatChannel', room: 1 })`. */
export type CableOutgoing =
  | { command: 'subscribe' | 'unsubscribe'; identifier: string }
  /** `data.action` names the method of the channel. Rails wants a JSON string: an object is made into one. */
  | { command: 'message'; identifier: string; data: Record<string, unknown> | string };

/** Options of `actionCable()`. */
export interface ActionCableOptions {
  /**
   * How the credential reaches the server: `cookie()`, `ticket(…)`, `subprotocol({ accept: 'actioncable-v1-json' })` or
   * one of your own. Nothing may be said before the server's `welcome`, so `firstMessage()` cannot be one.
   *
   * @default cookie()
   */
  carrier?: Carrier;
  /**
   * How often the server pings. A link that is silent for the heartbeat's `timeoutMs` longer is dead: 13 s as things are.
   *
   * @default 3_000, as Rails and AnyCable do
   */
  serverPingMs?: number;
  /** What a close means, in the place of the default. @default closeTable() */
  close?: SocketProtocol['judgeClose'];
}

/**
 * The only subprotocol that we speak. The client of Rails offers `actioncable-unsupported`, too, to see from the choice
 * that a server speaks something else; a protocol of ours does not see the choice, so there the handshake has to fail.
 *
 * @see https://github.com/rails/rails/blob/main/actioncable/app/javascript/action_cable/connection.js
 */
const SUBPROTOCOL = 'actioncable-v1-json';

/**
 * Rails' `BEAT_INTERVAL`.
 *
 * @see https://github.com/rails/rails/blob/main/actioncable/lib/action_cable/server/connections.rb
 */
const BEAT_MS = 3_000;

/**
 * Action Cable of Rails, and AnyCable.
 *
 * | from us | from the server |
 * |---|---|
 * | the handshake, with the cookie | `welcome` · `disconnect {reason: 'unauthorized'}` |
 * | nothing | `ping {message}`, every 3 s |
 * | `{command: 'subscribe', identifier}` | `confirm_subscription {identifier}` · `reject_subscription {identifier}` |
 * | `{command: 'message', identifier, data}` | `{identifier, message}` |
 * | | `disconnect {reason, reconnect}` |
 *
 * The topic of a message is its `identifier`, so `useSocketMessage(handler, { topic: identifier })` follows one
 * subscription. A server forgets them with the link: send `subscribe` in `onOpen`, which runs on every new one.
 *
 * A rejected subscription is a message and no verdict: the link and the others go on.
 *
 * @see https://github.com/rails/rails/blob/main/actioncable/lib/action_cable/connection/base.rb
 */
export function actionCable<In = CableIncoming, Out = CableOutgoing>(
  options: ActionCableOptions = {},
): SocketProtocol<In, Out> {
  const { carrier = cookie(), serverPingMs = BEAT_MS, close = closeTable() } = options;
  if (typeof carrier !== 'object' || carrier === null || carrier.hello) {
    throw invalid('carrier must be cookie(), ticket(), subprotocol() or another one without a hello');
  }
  if (!(Number.isFinite(serverPingMs) && serverPingMs > 0)) {
    throw invalid('serverPingMs must be a finite number above 0');
  }
  if (typeof close !== 'function') throw invalid('close must be a function');
  return {
    name: 'actionCable',
    async prepare(dial): Promise<DialAnswer> {
      const answer = carrier.prepare ? await carrier.prepare(dial) : { url: dial.url };
      if (!isTarget(answer)) return answer;
      // A page that offers one twice gets a SyntaxError for it.
      return { ...answer, protocols: [...new Set([SUBPROTOCOL, ...(answer.protocols ?? [])])] };
    },
    waitsForReady: true,
    serverPingMs,
    judgeClose: close,
    read,
    write(message) {
      const { data } = (message ?? {}) as { data?: unknown };
      const isText = data === undefined || typeof data === 'string';
      const command = isText ? message : { ...message, data: writeJson(data, 'The data of a command') };
      return writeJson(command, 'A command');
    },
  };
}

/** Not "not now", and not whatever a carrier in plain JavaScript may answer. */
function isTarget(answer: DialAnswer | null | undefined): answer is Extract<DialAnswer, { url: URL }> {
  return (answer as { url?: unknown } | null | undefined)?.url instanceof URL;
}

function read<In>(data: Inbound): Frame<In> {
  const json = readJson(data);
  if ('kind' in json) return json;
  const message = json.value;
  const frame = (message ?? {}) as {
    type?: unknown;
    identifier?: unknown;
    reason?: unknown;
    reconnect?: unknown;
  };
  switch (frame.type) {
    case 'welcome':
      return { kind: 'ready' };
    case 'ping':
      return { kind: 'ignore' };
    case 'disconnect':
      return { kind: 'verdict', verdict: verdictOf(frame.reason, frame.reconnect !== false) };
  }
  return typeof frame.identifier === 'string'
    ? { kind: 'message', message: message as In, topic: frame.identifier }
    : { kind: 'malformed', why: 'neither a known type nor an identifier' };
}

/**
 * Where the server asks us not to reconnect because of who we are, the token source is asked and decides: what it answers
 * is not what was refused. Where it asks for another reason, we stay away.
 *
 * @see https://github.com/rails/rails/blob/main/actioncable/lib/action_cable/connection/internal_channel.rb
 */
function verdictOf(reason: unknown, mayReconnect: boolean): Verdict {
  switch (reason) {
    // `reject_unauthorized_connection`. `reconnect` is always false here.
    case 'unauthorized':
      return 'expired';
    case 'invalid_request':
      return 'protocol';
    // `remote_connections.where(…).disconnect`, as at a logout elsewhere.
    case 'remote':
      return mayReconnect ? 'going-away' : 'revoked';
  }
  // AnyCable's `token_expired`, and words of the application's own.
  return verdictOfWord(reason) ?? (mayReconnect ? 'going-away' : 'forbidden');
}

function invalid(what: string): AuthSocketError {
  return new AuthSocketError('invalid-option', `actionCable: ${what}.`);
}

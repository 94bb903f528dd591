import { AuthSocketError } from '../machine/errors';
import { closeTable } from './closeTable';
import { commandIds } from './commandIds';
import { readJson } from './jsonText';
import type { Frame, Inbound, Outbound, SocketProtocol } from './protocol';

/** The answer to a command. */
export type HomeAssistantResult =
  | { id: number; type: 'result'; success: true; result: unknown }
  | { id: number; type: 'result'; success: false; error: { code: string; message: string } };

/** What a subscription brings; `id` is the id of the command that subscribed. */
export interface HomeAssistantEvent {
  id: number;
  type: 'event';
  event: unknown;
}

/** What arrives. */
export type HomeAssistantMessage = HomeAssistantResult | HomeAssistantEvent;

/** A command; without an `id` it gets the next one. */
export interface HomeAssistantCommand {
  id?: number;
  type: string;
  [field: string]: unknown;
}

/** Options of `homeAssistant()`. */
export interface HomeAssistantOptions<In> {
  /** The topic of a message. `message => String(message.id)` gives each subscription its own. @default its `type` */
  topic?: (message: In) => string | undefined;
  /** Lets the server put messages that are due together into one frame. Handlers get them one by one. @default true */
  coalesceMessages?: boolean;
}

/** The dialect, with the counter that numbers its commands. */
export interface HomeAssistantProtocol<In, Out> extends SocketProtocol<In, Out> {
  /**
   * An id for a command of yours, to know its `result` and `event` messages by. The same one may be sent again on the
   * next link, as in `onOpen`: what it is called on the wire is the dialect's business, answers carry your id.
   */
  nextId(): number;
}

/**
 * The websocket API of Home Assistant, `/api/websocket`.
 *
 * | from us | from the server |
 * |---|---|
 * | `auth {access_token}` | `auth_required` · `auth_ok` · `auth_invalid {message}` |
 * | `ping {id}` | `pong {id}` |
 * | any command `{id, type, …}` | `result {id, success, …}` · `event {id, …}`: messages |
 *
 * A token is judged once, when a link begins: `auth_invalid` stands for an expired and for a revoked one alike, so the
 * token source is asked and decides. An open link outlives its token; a new one is kept for the next link. A revoked
 * login, a server that stops and one that was never sent a token all look like a close 1000: nobody is signed out by it,
 * the next `auth_invalid` is what tells. An `ArrayBuffer` or a view of one is sent as it is, as for voice.
 *
 * @see https://developers.home-assistant.io/docs/api/websocket
 * @see https://github.com/home-assistant/core/blob/dev/homeassistant/components/websocket_api/auth.py
 */
export function homeAssistant<In = HomeAssistantMessage, Out = HomeAssistantCommand>(
  options: HomeAssistantOptions<In> = {},
): HomeAssistantProtocol<In, Out> {
  const { topic = typeOf, coalesceMessages = true } = options;
  if (typeof topic !== 'function') throw invalid('invalid-option', 'topic must be a function');
  if (typeof coalesceMessages !== 'boolean') {
    throw invalid('invalid-option', 'coalesceMessages must be a boolean');
  }
  const ids = commandIds();
  /** Of the link and of its replacement: commands of our own, their results are nobody's business. */
  let ownCommands: readonly number[] = [];

  function ready(): readonly Frame<In>[] {
    if (!coalesceMessages) return [{ kind: 'ready' }];
    const id = ids.onWire(undefined);
    ownCommands = [...ownCommands.slice(-1), id];
    // A server that is too old for it says that it knows no such command, and goes on.
    const data = JSON.stringify({ id, type: 'supported_features', features: { coalesce_messages: 1 } });
    return [{ kind: 'reply', data }, { kind: 'ready' }];
  }

  function readMessage(message: unknown): readonly Frame<In>[] {
    const { type, id } = (message ?? {}) as { type?: unknown; id?: unknown };
    if (typeof type !== 'string') return [{ kind: 'malformed', why: 'a message without a type' }];
    switch (type) {
      case 'auth_required':
        return [{ kind: 'ignore' }];
      case 'auth_ok':
        return ready();
      case 'auth_invalid':
        return [{ kind: 'refused', verdict: 'revoked' }];
      case 'pong':
        return [{ kind: 'pong' }];
    }
    if (typeof id === 'number') {
      if (ownCommands.includes(id)) return [{ kind: 'ignore' }];
      (message as { id: number }).id = ids.ofApp(id);
    }
    return [{ kind: 'message', message: message as In, topic: topic(message as In) }];
  }

  return {
    name: 'homeAssistant',
    nextId: ids.next,
    hello: token => JSON.stringify({ type: 'auth', access_token: token }),
    waitsForReady: true,
    // Nobody over there looks at a token again: the link goes on.
    refresh: () => [],
    ping: () => JSON.stringify({ id: ids.onWire(undefined), type: 'ping' }),
    judgeClose: closeTable(),
    write(message): Outbound {
      if (message instanceof ArrayBuffer || ArrayBuffer.isView(message)) return message as Outbound;
      const command: unknown = message;
      if (typeof command !== 'object' || command === null || Array.isArray(command)) {
        throw invalid('invalid-message', 'a command must be an object with a type');
      }
      const { id, type, subscription } = command as Record<string, unknown>;
      if (id !== undefined && !isId(id)) {
        throw invalid('invalid-message', 'the id of a command must be a whole number from 1 to 2^52');
      }
      const numbered: Record<string, unknown> = { ...command, id: ids.onWire(id) };
      if (type === 'unsubscribe_events' && typeof subscription === 'number') {
        numbered.subscription = ids.lastOnWire(subscription);
      }
      return JSON.stringify(numbered);
    },
    read(data: Inbound): readonly Frame<In>[] {
      const json = readJson(data);
      if ('kind' in json) return [json];
      const message = json.value;
      return Array.isArray(message) ? message.flatMap(readMessage) : readMessage(message);
    },
  };
}

/** One that leaves room for all that come after it. */
function isId(id: unknown): id is number {
  return Number.isSafeInteger(id) && (id as number) > 0 && (id as number) <= 2 ** 52;
}

function typeOf(message: unknown): string {
  return (message as { type: string }).type;
}

function invalid(code: 'invalid-option' | 'invalid-message', what: string): AuthSocketError {
  return new AuthSocketError(code, `homeAssistant: ${what}.`);
}

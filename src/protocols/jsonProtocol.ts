import { AuthSocketError } from '../machine/errors';
import { checkedBy } from './checkedBy';
import { closeTable, secondsToMs, verdictOfWord } from './closeTable';
import { firstMessage } from './firstMessage';
import { readJson, writeJson } from './jsonText';
import type { Carrier, Frame, Inbound, SocketProtocol } from './protocol';
import type { StandardSchema } from './standardSchema';

/** Options of `jsonProtocol()`. */
export interface JsonProtocolOptions<In, Out = unknown> {
  /** How the credential reaches the server. @default firstMessage() */
  carrier?: Carrier;
  /** The topic of a message. @default its `type` */
  topic?: (message: In) => string | undefined;
  /**
   * Checks every message that arrives; its output is what handlers get. A message that does not fit is reported to
   * `onError` as 'malformed-frame' and not delivered; the link stays. Any Standard Schema, not an async one.
   */
  incoming?: StandardSchema<unknown, In>;
  /**
   * Checks every message that is sent; takes its input, sends its output. `send` throws 'invalid-message' for one that
   * does not fit. Any Standard Schema, not an async one.
   */
  outgoing?: StandardSchema<Out, unknown>;
  /** What a close means. @default closeTable() */
  close?: SocketProtocol['judgeClose'];
}

/** The control frames of the server: `[direction] {"type", …}`; everything else is a message. */
interface ControlFrame {
  type?: unknown;
  id?: unknown;
  code?: unknown;
  retryable?: unknown;
  expires_in?: unknown;
  retry_after?: unknown;
}

/**
 * JSON frames with a `type`: the default dialect.
 *
 * | from us | from the server |
 * |---|---|
 * | `auth {token}` | `auth_ok {expires_in?}` |
 * | `auth_refresh {id, token}` | `auth_ok {id, expires_in?}` · `auth_error {id?, code, retryable?}` |
 * | `ping {idle?}` | `pong` |
 * | | `auth_expiring_soon {expires_in}` · `session_expired` · `going_away {retry_after?}` |
 *
 * Times on the wire are in seconds. A close of 1008 carries a reason: JSON `{"code"}`, a code word, or English.
 */
export function jsonProtocol<In = unknown, Out = unknown>(
  options: JsonProtocolOptions<In, Out> = {},
): SocketProtocol<In, Out> {
  const { carrier = firstMessage(), topic = typeOf, close = closeTable(), incoming, outgoing } = options;
  const checkIncoming = incoming && checkedBy<In>(incoming, 'incoming');
  const checkOutgoing = outgoing && checkedBy<unknown>(outgoing, 'outgoing');
  return {
    name: 'json',
    ...carrier,
    refresh: (token, id) => JSON.stringify({ type: 'auth_refresh', id, token }),
    ping: idle => (idle ? '{"type":"ping","idle":true}' : '{"type":"ping"}'),
    judgeClose: close,
    write(message) {
      let checked: unknown = message;
      if (checkOutgoing) {
        const result = checkOutgoing(message);
        if ('why' in result)
          throw new AuthSocketError('invalid-message', `The message does not fit: ${result.why}.`);
        checked = result.value;
      }
      return writeJson(checked);
    },
    read(data: Inbound): Frame<In> {
      const json = readJson(data);
      if ('kind' in json) return json;
      let message = json.value;
      const control = readControl((message ?? {}) as ControlFrame);
      if (control) return control;
      if (checkIncoming) {
        const result = checkIncoming(message);
        if ('why' in result) return { kind: 'malformed', why: `a message that does not fit (${result.why})` };
        message = result.value;
      }
      return { kind: 'message', message: message as In, topic: topic(message as In) };
    },
  };
}

function typeOf(message: unknown): string | undefined {
  const type = (message as { type?: unknown } | null)?.type;
  return typeof type === 'string' ? type : undefined;
}

function readControl(frame: ControlFrame): Frame<never> | null {
  switch (frame.type) {
    case 'auth_ok': {
      const expiresInMs = secondsToMs(frame.expires_in);
      return frame.id === undefined
        ? { kind: 'ready', expiresInMs }
        : { kind: 'refreshed', id: refreshId(frame.id), expiresInMs };
    }
    case 'auth_error': {
      // A definitive refusal without a known word is about the token all the same.
      const verdict = frame.retryable === true ? 'limit' : (verdictOfWord(frame.code) ?? 'revoked');
      return { kind: 'refused', id: refreshId(frame.id), verdict };
    }
    case 'auth_expiring_soon':
      return { kind: 'expiring', inMs: secondsToMs(frame.expires_in) ?? 0 };
    case 'session_expired':
      return { kind: 'verdict', verdict: 'expired' };
    case 'going_away':
      return { kind: 'verdict', verdict: 'going-away', retryAfterMs: secondsToMs(frame.retry_after) };
    case 'pong':
      return { kind: 'pong' };
    default:
      return null;
  }
}

function refreshId(id: unknown): number | undefined {
  return typeof id === 'number' ? id : undefined;
}

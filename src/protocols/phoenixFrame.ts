import { AuthSocketError } from '../machine/errors';
import { readJson } from './jsonText';
import type { Inbound, Outbound } from './protocol';

/** What a client sends over a channel. */
export interface PhoenixPush {
  topic: string;
  event: string;
  /** An `ArrayBuffer` or a view of one travels as a binary frame. @default {} */
  payload?: unknown;
  /** The `phx_reply` to this push carries it. Refs that begin with `~` are the dialect's own. @default null */
  ref?: string | null;
  /** The join that the push belongs to. @default the dialect's own, also for a topic that you joined without one */
  joinRef?: string | null;
}

/** What comes over a channel. */
export interface PhoenixMessage {
  topic: string;
  event: string;
  payload: unknown;
  ref: string | null;
  joinRef: string | null;
}

/** The texts at the head of a binary frame, by its kind; a byte each tells their lengths. */
const heads: Readonly<Record<number, readonly string[]>> = {
  0: ['joinRef', 'topic', 'event'],
  1: ['joinRef', 'ref', 'topic', 'status'],
  2: ['topic', 'event'],
  4: ['topic', 'event', 'meta'],
};

const PUSH = 0;
const REPLY = 1;
/** Of Supabase: how every broadcast arrives that its own client sent. */
const USER_BROADCAST = 4;
const AS_JSON = 1;

/**
 * A frame of the serializer 2.0.0, or why it is none: an array `[join_ref, ref, topic, event, payload]`, or binary.
 *
 * @see https://github.com/phoenixframework/phoenix/blob/main/lib/phoenix/socket/serializers/v2_json_serializer.ex
 * @see https://github.com/supabase/realtime/blob/main/lib/realtime_web/socket/v2_serializer.ex
 */
export function readPhoenixFrame(data: Inbound): PhoenixMessage | string {
  if (typeof data !== 'string') return readBinary(data);
  const json = readJson(data);
  if ('kind' in json) return json.why;
  const frame = json.value;
  if (!Array.isArray(frame)) return 'not an array';
  const [joinRef, ref, topic, event, payload] = frame as unknown[];
  if (typeof topic !== 'string' || typeof event !== 'string') return 'no topic or no event';
  return { topic, event, payload, ref: refOf(ref), joinRef: refOf(joinRef) };
}

function refOf(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
}

function readBinary(data: ArrayBuffer): PhoenixMessage | string {
  if (!(data instanceof ArrayBuffer)) return 'neither text nor binary';
  const bytes = new Uint8Array(data);
  const kind = bytes[0] ?? -1;
  const names = heads[kind];
  if (!names) return 'a binary frame of an unknown kind';
  const text: Record<string, string> = {};
  let at = 1 + names.length + (kind === USER_BROADCAST ? 1 : 0);
  names.forEach((name, index) => {
    const end = at + (bytes[1 + index] ?? 0);
    text[name] = new TextDecoder().decode(bytes.subarray(at, end));
    at = end;
  });
  if (at > bytes.length) return 'a binary frame that ends too soon';
  const { topic = '', event = '', ref = '', joinRef = '', meta = '' } = text;
  const body: unknown = data.slice(at);
  const message = { topic, event, payload: body, ref: ref || null, joinRef: joinRef || null };
  if (kind === REPLY) {
    return { ...message, event: 'phx_reply', payload: { status: text.status, response: body } };
  }
  if (kind !== USER_BROADCAST) return message;
  try {
    const isJson = bytes[1 + names.length] === AS_JSON;
    const payload: unknown = isJson ? JSON.parse(new TextDecoder().decode(bytes.subarray(at))) : body;
    const more = meta === '' ? {} : { meta: JSON.parse(meta) as unknown };
    return { ...message, event: 'broadcast', payload: { type: 'broadcast', event, payload, ...more } };
  } catch {
    return 'a broadcast that is not JSON';
  }
}

/** Throws 'invalid-message' for what cannot be written. */
export function writePhoenixFrame({ joinRef, ref, topic, event, payload }: PhoenixMessage): Outbound {
  if (!isText(topic) || !isText(event)) throw invalid('a push must have a topic and an event');
  if (payload instanceof ArrayBuffer)
    return writeBinary([joinRef, ref, topic, event], new Uint8Array(payload));
  if (ArrayBuffer.isView(payload)) {
    const { buffer, byteOffset, byteLength } = payload;
    return writeBinary([joinRef, ref, topic, event], new Uint8Array(buffer, byteOffset, byteLength));
  }
  return JSON.stringify([joinRef, ref, topic, event, payload]);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function writeBinary(head: readonly (string | null)[], body: Uint8Array): ArrayBuffer {
  const texts = head.map(text => new TextEncoder().encode(text ?? ''));
  if (texts.some(({ length }) => length > 255)) {
    throw invalid('topic, event and refs of a binary push may have 255 bytes each');
  }
  const parts = [new Uint8Array([PUSH, ...texts.map(({ length }) => length)]), ...texts, body];
  const frame = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame.buffer;
}

function invalid(what: string): AuthSocketError {
  return new AuthSocketError('invalid-message', `phoenix: ${what}.`);
}

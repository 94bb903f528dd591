import type { SocketStatus } from '../machine/snapshot';
import type { TraceEvent } from '../runtime/trace';

/** A JWT, and as much of one as there is. */
const token = /\beyJ[\w-]{8,}(?:\.[\w-]*)*/g;

/** A long run that no word looks like: digits and both cases in one, or nothing but hex. */
const opaque = /\b(?=[\w+/%-]*\d)(?=[\w+/%-]*[a-z])(?=[\w+/%-]*[A-Z])[\w+/%-]{20,}=*|\b[\da-f]{32,}\b/g;

/** In a URL everything that may be one's own: who, and with what. */
const address = /\b(\w+:\/\/)(?:[^\s/@]*@)?([^\s/?#]*)([^\s?#]*)(?:[?#]\S*)?/g;

/**
 * A second net below the redaction of the trace: what a server wrote into a close reason, or an application into
 * `reconnect(reason)`, is nothing that the client knows as a secret.
 */
export function scrubText(text: string): string {
  return text.replace(address, '$1$2$3').replace(token, '[secret]').replace(opaque, '[secret]');
}

/** The event without anything that looks like a secret, and without the user's name. */
export function scrub(event: TraceEvent): TraceEvent {
  return scrubValue(event, '') as TraceEvent;
}

/** The status with its one free text treated alike. */
export function scrubStatus(status: SocketStatus): SocketStatus {
  const { lastClose } = status;
  return lastClose ? { ...status, lastClose: { ...lastClose, reason: scrubText(lastClose.reason) } } : status;
}

function scrubValue(value: unknown, name: string): unknown {
  if (value === null || value === undefined) return value;
  if (name === 'subject' || name === 'key') return '[user]';
  if (typeof value === 'string') return scrubText(value);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, scrubValue(part, key)]));
}

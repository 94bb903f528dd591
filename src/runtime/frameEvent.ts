import type { Event } from '../machine/event';
import { positiveMs } from '../machine/positiveMs';
import type { Frame } from '../protocols/protocol';

/** What a control frame tells the machine; null for a frame that is none, or that needs no decision. */
export function frameEvent(id: number, frame: Frame<unknown>): Event | null {
  switch (frame.kind) {
    case 'ready':
      return { type: 'link.ready', id, expiresInMs: positiveMs(frame.expiresInMs) };
    case 'refreshed': {
      const { id: refreshId, expiresInMs } = frame;
      return { type: 'token.acked', id, refreshId, expiresInMs: positiveMs(expiresInMs) };
    }
    case 'refused':
      return { type: 'token.nacked', id, refreshId: frame.id, verdict: frame.verdict };
    case 'expiring':
      return { type: 'token.expiring', id };
    case 'verdict':
      return { type: 'link.judged', id, verdict: frame.verdict, retryAfterMs: namedMs(frame.retryAfterMs) };
    case 'message':
    case 'reply':
    case 'malformed':
    case 'pong':
    case 'ignore':
      return null;
  }
}

/** A wait that a server named and can mean, 0 included; undefined for NaN and for what lies in the past. */
export function namedMs(ms: number | undefined): number | undefined {
  return ms !== undefined && ms >= 0 ? ms : undefined;
}

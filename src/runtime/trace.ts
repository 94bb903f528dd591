import type { Effect, TokenReason } from '../machine/effect';
import type { Event } from '../machine/event';
import type { SocketStatus } from '../machine/snapshot';

/** A fact of the machine, with the time it came in. Tokens appear as numbers. */
type Fact = Exclude<Event, { type: 'time.passed' | 'settings.changed' }> & { at: number };

type Change<K extends 'session' | 'link'> = {
  type: `${K}.changed`;
  at: number;
  from: SocketStatus[K];
  to: SocketStatus[K];
  /** The type of the fact that caused it. */
  cause: string;
};

/** What the client did because of a fact. */
type Deed = { at: number; cause: string } & (
  | { type: 'token.asked'; call: number; reason: TokenReason; force: boolean; attempt: number }
  | { type: 'dial.started'; id: number }
  | { type: 'token.presented'; id: number; token: number }
  | { type: 'ping.sent'; id: number }
  | { type: 'link.opened'; id: number; connection: number; gapMs: number | null }
);

/**
 * Redacted facts in the past tense, in order: what came in, what was done, what changed.
 *
 * No token, ticket or message content is in them; `at` is epoch ms.
 */
export type TraceEvent =
  Fact | Deed | Change<'session'> | Change<'link'> | { type: 'pong.received'; at: number; id: number };

/** What an effect did, for those effects that a reader of the trace would ask about. */
export function traceDeed(effect: Effect, cause: string, at: number): TraceEvent | null {
  switch (effect.type) {
    case 'call-source': {
      const { call, reason, force, attempt } = effect;
      return { type: 'token.asked', at, cause, call, reason, force, attempt };
    }
    case 'prepare-dial':
      return { type: 'dial.started', at, cause, id: effect.id };
    case 'send-hello':
    case 'send-refresh':
      return { type: 'token.presented', at, cause, id: effect.id, token: effect.token };
    case 'send-ping':
      return { type: 'ping.sent', at, cause, id: effect.id };
    case 'announce-link': {
      const { id, connection, gapMs } = effect;
      return { type: 'link.opened', at, cause, id, connection, gapMs };
    }
    default:
      return null;
  }
}

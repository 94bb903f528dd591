import type { Effect } from '../machine/effect';
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

/** The effects that a reader of the trace would ask about, as what was done. */
const deeds = {
  'call-source': 'token.asked',
  'prepare-dial': 'dial.started',
  'send-hello': 'token.presented',
  'send-refresh': 'token.presented',
  'send-ping': 'ping.sent',
  'announce-link': 'link.opened',
  'request-turn': 'turn.requested',
  'ask-siblings': 'siblings.asked',
  'share-token': 'token.shared',
  'tell-siblings': 'siblings.told',
} as const;

type Deeds = typeof deeds;

/** What the client did because of a fact: the effect's own data under another name. */
type Deed = {
  [K in keyof Deeds]: Omit<Extract<Effect, { type: K }>, 'type'> & {
    type: Deeds[K];
    at: number;
    cause: string;
  };
}[keyof Deeds];

/**
 * Redacted facts in the past tense, in order: what came in, what was done, what changed.
 *
 * No token, ticket or message content is in them; `at` is epoch ms.
 */
export type TraceEvent =
  Fact | Deed | Change<'session'> | Change<'link'> | { type: 'pong.received'; at: number; id: number };

/** What an effect did, or null for one that explains itself. */
export function traceDeed(effect: Effect, cause: string, at: number): TraceEvent | null {
  const type = deeds[effect.type as keyof Deeds] as Deeds[keyof Deeds] | undefined;
  return type ? ({ ...effect, type, at, cause } as TraceEvent) : null;
}

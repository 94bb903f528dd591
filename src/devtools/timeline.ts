import type { SocketStatus } from '../machine/snapshot';
import type { TraceEvent } from '../runtime/trace';
import type { Story } from './story';

/** How something is meant: for the eye a colour, for the reader a word. */
export type Tone = 'good' | 'busy' | 'bad' | 'quiet';

/** A stretch of time in which one word of the status held. Times in epoch ms; `to` null: it still holds. */
export interface Span<W extends string> {
  readonly word: W;
  readonly from: number;
  readonly to: number | null;
}

/** A token from the moment it was seen until another took its place. */
export interface TokenLife {
  readonly from: number;
  readonly to: number | null;
  readonly expiresAt: number;
}

/** A stretch in which nothing in the page ran. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly word: 'asleep' | 'frozen';
}

export type MarkKind = 'refresh' | 'heartbeat' | 'probe' | 'verdict' | 'sleep' | 'sibling' | 'page' | 'user';

/** A moment worth a look. */
export interface Mark {
  readonly id: number;
  readonly at: number;
  readonly lane: 'session' | 'link';
  readonly kind: MarkKind;
  readonly tone: Tone;
  /** What it is called, e.g. `Probe: answered after 32 ms`. */
  readonly text: string;
}

/** A change and why it happened. */
export interface Line {
  readonly id: number;
  readonly at: number;
  readonly tone: Tone;
  readonly text: string;
  /** Lines in a row with one key are one line, which counts. */
  readonly key: string | null;
  readonly count: number;
}

/** What was seen of a client since somebody looked: everything that the panel draws. */
export interface Timeline {
  /** Epoch ms on the client's clock, like all times here. */
  readonly since: number;
  readonly now: number;
  readonly elapsedMs: number;
  readonly isVisible: boolean;
  readonly status: SocketStatus;
  readonly session: readonly Span<SocketStatus['session']>[];
  readonly link: readonly Span<SocketStatus['link']>[];
  readonly tokens: readonly TokenLife[];
  readonly gaps: readonly Gap[];
  readonly marks: readonly Mark[];
  /** Oldest first. */
  readonly lines: readonly Line[];
  readonly events: readonly TraceEvent[];
  readonly story: Story;
  readonly lastId: number;
}

/** Of each so many are kept; the oldest go. Half an hour of an ordinary link makes about 200 events. */
export const most = { events: 1_000, lines: 200, marks: 400, spans: 400 } as const;

import type { Effect } from './effect';
import type { Link } from './link';
import type { Session } from './session';
import type { Settings } from './settings';

/** The outside facts of a transition. */
export interface Moment {
  /** Epoch ms; decides expiry and wakes, nothing else. */
  readonly wallMs: number;
  /** Monotonic ms; all durations. */
  readonly elapsedMs: number;
  /** In [0, 1). */
  readonly random: number;
}

/** What the page last told, and what follows from it. */
export interface PageState {
  isVisible: boolean;
  isOnline: boolean;
  /** It was left, perhaps into the back/forward cache: a channel would keep it out of there. */
  isGone: boolean;
  /** Until this elapsed time tries come every few seconds. */
  eagerUntil: number;
  lastWakeAt: number;
  /** Visible, awake time without an open link. */
  awayMs: number;
}

/** Everything that decisions are made from: plain data without a secret in it. */
export interface State {
  settings: Settings;
  session: Session;
  link: Link;
  page: PageState;
  /** When the last transition happened. */
  last: { wallMs: number; elapsedMs: number };
  /** When the one timer is due, from then; null: there is none. */
  timerMs: number | null;
}

/** A state in the making: functions of the machine write to a copy, the caller sees old and new. */
export interface Draft {
  readonly now: Moment;
  readonly state: State;
  readonly effects: Effect[];
}

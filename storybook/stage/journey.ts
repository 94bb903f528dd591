import type { AuthSocketOptions } from 'react-auth-socket';
import type { TestWorld, TestWorldOptions } from 'react-auth-socket/testing';
import type { Scene } from './scene';

/** The times that a reader can turn. All in ms. */
export interface Timings {
  /** How long a token lives. */
  tokenLifetimeMs: number;
  /** How long before its end a token is refreshed. */
  refreshLeadMs: number;
  /** How long a link may be missed before it counts as lost. */
  lostAfterMs: number;
  /** How often an idle link is pinged. */
  heartbeatMs: number;
  /** The longest wait between two tries. */
  backoffMaxMs: number;
  /** How long the trouble of this journey lasts: an outage, a sleep, a slow answer. */
  troubleMs: number;
}

/** As the package has them; the trouble is each journey's own. */
export const usualTimings: Timings = {
  tokenLifetimeMs: 15 * 60_000,
  refreshLeadMs: 120_000,
  lostAfterMs: 5_000,
  heartbeatMs: 25_000,
  backoffMaxMs: 30_000,
  troubleMs: 0,
};

/** Something that happens at a moment of the journey. */
export interface Step<S> {
  /** Since the beginning, ms. */
  readonly at: number;
  /** What happens, as a reader is told it. */
  readonly label: string;
  run?(scene: S): void | Promise<void>;
  /** The machine is suspended for so long from this moment on. */
  readonly sleepsMs?: number;
  /** The page stands still for so long, and its world goes on. */
  readonly frozenMs?: number;
}

/** A course of events, the same each time. */
export interface Script<S> {
  /** In order of time. */
  readonly steps: readonly Step<S>[];
  readonly endMs: number;
  /** What is looked at first. @default endMs */
  readonly showMs?: number;
  /** How often the server looks at what came in, ms. @default 250 */
  readonly pollMs?: number;
}

/** What a user goes through with one client, or with several tabs of it. */
export interface Journey extends Script<Scene> {
  readonly title: string;
  /** What happens, and what the user sees of it. */
  readonly text: string;
  readonly world?: TestWorldOptions;
  /** @default 1 */
  readonly tabs?: number;
  /** An order comes in so often, ms. @default 1_000 */
  readonly orderEveryMs?: number;
  /** How long the token endpoint takes, ms. @default 200 */
  readonly tokenLatencyMs?: number;
  /** For the client of one tab, beyond those of the timings. */
  options?(tab: TestWorld, scene: Scene): Partial<AuthSocketOptions>;
  /** Before anybody connects. */
  before?(scene: Scene): void;
}

export type JourneyOf = (timings: Timings) => Journey;

import type { AuthSocketOptions } from 'react-auth-socket';
import type { TestWorld } from 'react-auth-socket/testing';
import type { Script, Timings } from '../stage/journey';
import type { ReportedPage } from './reportedPage';
import type { Side } from './side';

/** A client as it was reported to behave, in front of a page. */
export interface ReportedClient {
  start(): void;
  stop(): void;
}

/** What surrounds the client beside socket server and token endpoint of the world. */
export interface Surroundings {
  poll(): void;
}

/** Of a problem that needs nothing else. */
export const noSurroundings: Surroundings = { poll() {} };

/** One figure of both sides. More than `most` is what this package was written against. */
export interface Figure<E extends Surroundings> {
  readonly label: string;
  readonly most: number;
  of(side: Side<E>): number;
}

/** A course of events that lost users, once with the reported client and once with this package. */
export interface Problem<E extends Surroundings> extends Script<Side<E>> {
  readonly title: string;
  readonly text: string;
  /** Whose client is on the left. */
  readonly reportedName: string;
  readonly figures: readonly Figure<E>[];
  readonly world?: { tokenLifetimeMs?: number };
  readonly orderEveryMs?: number;
  surroundings(world: TestWorld): E;
  reported(world: TestWorld, around: E, page: ReportedPage): ReportedClient;
  ours(world: TestWorld, around: E): Partial<AuthSocketOptions>;
}

export type ProblemOf<E extends Surroundings> = (timings: Timings) => Problem<E>;

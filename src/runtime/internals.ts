import type { EndedBy } from '../machine/event';
import type { SocketStatus } from '../machine/snapshot';
import type { TokenGrant } from '../machine/tokenAnswer';
import type { AuthSocket } from './authSocket';
import type { AuthSocketOptions } from './options';
import type { Clock, Page } from './ports';
import type { TraceEvent } from './trace';

/** What our own hooks need of a client, and applications do not. */
export interface Internals {
  /** The status of the moment of creation: what a server rendered, and what hydration has to start from. */
  readonly firstStatus: SocketStatus;
  readonly clock: Clock;
  readonly page: Page | null;
  /** Where the next dial would go; throws an 'invalid-option' for where no token may go. */
  url(): URL;
  /** Providers that hold the client connected. */
  holders: number;
  /** Cancels the wait before an unheld client goes to rest. */
  cancelLinger: (() => void) | null;
  lingerMs(): number;
  /** Reports what a handler of the application threw. */
  onThrow(cause: unknown): void;
  /** The user changed: state built from messages must go. */
  onForget(listener: () => void): () => void;
  /** The redacted trace, for those who look on; what the listener throws is dropped. */
  onTrace(listener: (event: TraceEvent) => void): () => void;
  /** The token in hand with what is known of it, its life counted from `fromMs` (epoch ms); null: none, or a cookie. */
  grant(fromMs: number): TokenGrant | null;
  /** Counts the users of this client: whoever comes after a change or a sign-out is another one. */
  user(): number;
  /** How the session ended; null: it has not. */
  ended(): { reason: string; by: EndedBy } | null;
  /** When the last link was lost, epoch ms; null: there was none. */
  lostAt(): number | null;
  /** Closes the link and keeps the session, without the finality of `disconnect()`. */
  rest(): void;
  /** Takes the options of a later render. */
  // eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
  configure(options: AuthSocketOptions<any, any>): void;
}

const key = Symbol.for('react-auth-socket.internals');

/** One of our clients, whichever copy of the package made it. */
export function isAuthSocket(value: unknown): boolean {
  return typeof value === 'object' && value !== null && key in value;
}

export function attachInternals<S extends object>(socket: S, internals: Internals): S {
  return Object.defineProperty(socket, key, { value: internals });
}

// eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
export function internalsOf(socket: AuthSocket<any, any>): Internals {
  return (socket as unknown as Record<symbol, Internals>)[key] as Internals;
}

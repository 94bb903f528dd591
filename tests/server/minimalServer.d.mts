import type { Server } from 'node:http';

export interface MinimalServerOptions {
  /** Signs the access tokens. */
  secret: string;
  /** Value of the cookie `session` -> user id. Deleting an entry ends that session at its next refresh. */
  sessions: ReadonlyMap<string, string>;
  /** Gets every frame that is not part of the contract; undefined for one that is not JSON. */
  onMessage: (user: string, frame: unknown, send: (frame: unknown) => void) => void;
  /** Life of an access token in seconds. @default 900 */
  lifeS?: number;
  /** `auth_expiring_soon` leaves this many seconds before the end. @default 60 */
  warnS?: number;
  /** How many seconds a socket may stay without its first message. @default 10 */
  helloS?: number;
}

/** A complete server for `jsonProtocol()`, short enough to copy. It listens once you call `listen`. */
export function createMinimalServer(options: MinimalServerOptions): Server;

import type { AccessTokens } from './accessTokens';
import type { EchoLedger } from './echoLedger';
import type { FaultInjector } from './faultInjector';
import type { ServerClock } from './serverClock';
import type { ServerSettings } from './serverSettings';
import type { ServerStats } from './serverStats';
import type { SessionCookies } from './sessionCookies';
import type { Sessions } from './sessions';
import type { TickStream } from './tickStream';
import type { Tickets } from './tickets';
import type { Timers } from './timers';

/** The parts that endpoints and sockets share. */
export interface ServerContext {
  /** Changed in place by `configure`. */
  settings: ServerSettings;
  clock: ServerClock;
  timers: Timers;
  /** The counters of now: `resetStats` replaces the object. */
  stats(): ServerStats;
  faults: FaultInjector;
  sessions: Sessions;
  tokens: AccessTokens;
  tickets: Tickets;
  cookies: SessionCookies;
  ticks: TickStream;
  echoes: EchoLedger;
}

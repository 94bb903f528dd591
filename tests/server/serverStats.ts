/** One socket as the server saw it. Times are epoch ms of this machine, whatever the server's skew. */
export interface ConnectionRecord {
  id: number;
  openedAt: number;
  authenticatedAt: number | null;
  lastFrameAt: number | null;
  closedAt: number | null;
  /** Close code as the server saw it: 1006 when the socket just went away. */
  code: number | null;
  reason: string | null;
  closedBy: 'server' | 'client' | null;
  user: string | null;
  session: string | null;
  /** True once the half-open fault holds this socket: nothing is read from it or written to it. */
  halfOpen: boolean;
  /** The first 500 frames that came in, without their content. */
  frames: { type: string; id: unknown; at: number }[];
}

/** What `GET /__stats` and `server.stats()` answer. Counters only go up until `resetStats`. */
export interface ServerStats {
  /** `POST /auth/refresh` and so on; every request that arrived, faults included, preflights not. */
  requests: Record<string, number>;
  /** Every distinct path with query that was asked for, upgrades included: no token may be in here. */
  requestTargets: string[];
  /** Answers with status 401, by path. */
  unauthorized: Record<string, number>;
  logins: number;
  logouts: number;
  /** Refreshes that were answered with a token; those on a grace cookie are counted in `graces` too. */
  refreshes: number;
  graces: number;
  /** Spent cookies that came back after their grace. */
  replays: number;
  familiesRevoked: number;
  sessionsEnded: Record<string, number>;
  touches: number;
  liveTokens: { now: number; max: number; maxPerUser: number };
  evictions: number;
  upgrades: number;
  upgradesRefused: number;
  /** Handshakes and `auth` frames with a token that had expired, was revoked or had already been refused. */
  upgradesWithOldToken: number;
  /** Upgrades that carried no credential, where a ticket was one of those that are taken. */
  upgradesWithoutTicket: number;
  authOk: number;
  authErrors: Record<string, number>;
  /** Policy closes by their code word, whatever `closeStyle` makes of them. */
  authCloses: Record<string, number>;
  refreshFrames: { received: number; acked: number; refused: number; droppedAcks: number };
  expiringSoonSent: number;
  /** `expired`, `wrongOrigin`, `reused` and `unknown` ones were refused; each ticket counts once as used at most. */
  tickets: {
    issued: number;
    used: number;
    reused: number;
    expired: number;
    wrongOrigin: number;
    unknown: number;
    /** On the server's clock, from its issue to the upgrade. */
    maxAgeAtUseMs: number;
  };
  pings: { received: number; idle: number };
  /** WebSocket's own pings, which browsers answer without the page. */
  protocolPings: { sent: number; answered: number };
  sockets: { open: number; max: number };
  /** `<path> <kind>`, and `socket <fault>` for those inside a connection. */
  faultsServed: Record<string, number>;
  stream: { ticks: number; sent: number; replayed: number; missed: number; gaps: number; duplicates: number };
  /** `ids` in order of arrival (the first 10,000), over HTTP and sockets. */
  echoes: { received: number; duplicates: number; ids: unknown[] };
  connections: ConnectionRecord[];
}

/** The counters at nought. */
export function emptyStats(): ServerStats {
  return {
    requests: {},
    requestTargets: [],
    unauthorized: {},
    logins: 0,
    logouts: 0,
    refreshes: 0,
    graces: 0,
    replays: 0,
    familiesRevoked: 0,
    sessionsEnded: {},
    touches: 0,
    liveTokens: { now: 0, max: 0, maxPerUser: 0 },
    evictions: 0,
    upgrades: 0,
    upgradesRefused: 0,
    upgradesWithOldToken: 0,
    upgradesWithoutTicket: 0,
    authOk: 0,
    authErrors: {},
    authCloses: {},
    refreshFrames: { received: 0, acked: 0, refused: 0, droppedAcks: 0 },
    expiringSoonSent: 0,
    tickets: { issued: 0, used: 0, reused: 0, expired: 0, wrongOrigin: 0, unknown: 0, maxAgeAtUseMs: 0 },
    pings: { received: 0, idle: 0 },
    protocolPings: { sent: 0, answered: 0 },
    sockets: { open: 0, max: 0 },
    faultsServed: {},
    stream: { ticks: 0, sent: 0, replayed: 0, missed: 0, gaps: 0, duplicates: 0 },
    echoes: { received: 0, duplicates: 0, ids: [] },
    connections: [],
  };
}

/** Adds one to the counter of that name. */
export function countUp(counters: Record<string, number>, name: string): void {
  counters[name] = (counters[name] ?? 0) + 1;
}

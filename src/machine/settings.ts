/** The numbers that decisions depend on, all in ms, read afresh at every transition. */
export interface Settings {
  refreshLeadMs: number;
  lostAfterMs: number;
  tokenMs: number;
  dialMs: number;
  readyMs: number;
  ackMs: number;
  probeMs: number;
  /** null: no heartbeat, and then no probe either. */
  heartbeatMs: number | null;
  pongMs: number;
  minMs: number;
  maxMs: number;
  stableAfterMs: number;
  /** There is a token source; without one the first ready link makes the session valid. */
  hasSource: boolean;
  /** There is a URL; without one the session runs alone. */
  hasUrl: boolean;
  /** What tabs of the same key do for each other; 'separate' also where they cannot be reached. */
  tabs: TabMode;
  /** Token calls of these tabs take turns. */
  takesTurns: boolean;
}

/** 'share': the token goes from hand to hand. 'signal': siblings learn that there is a new one. */
export type TabMode = 'share' | 'signal' | 'separate';

export const defaultSettings: Settings = {
  /** Hidden tabs run timers once a minute after 5 min: two such minutes fit into the lead. */
  refreshLeadMs: 120_000,
  lostAfterMs: 5_000,
  tokenMs: 10_000,
  dialMs: 10_000,
  readyMs: 10_000,
  ackMs: 10_000,
  probeMs: 3_000,
  /** nginx closes a proxied connection after 60 quiet seconds; two heartbeats fit inside that. */
  heartbeatMs: 25_000,
  pongMs: 10_000,
  minMs: 500,
  maxMs: 30_000,
  stableAfterMs: 5_000,
  hasSource: true,
  hasUrl: true,
  tabs: 'separate',
  takesTurns: false,
};

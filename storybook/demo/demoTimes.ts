/** Times that page and server of the demo agree on. */
export const demoTimes = {
  /** Short, so that a visitor sees a refresh every half minute. */
  tokenLifeMs: 60_000,
  /** Asleep for this long in real time: the client's timers stand still and nothing arrives. */
  standsStillMs: 4_000,
  /** By this much both wall clocks are ahead after a sleep. */
  passesMs: 8 * 3_600_000,
  /** A laptop is awake some seconds before its network is. */
  networkBackMs: 4_000,
} as const;

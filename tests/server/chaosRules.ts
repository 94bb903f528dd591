/** 'upOnly': what the client sends arrives, nothing comes back. 'downOnly': the other way round. */
export type ChaosMode = 'pass' | 'blackhole' | 'upOnly' | 'downOnly';

/** How bad the network is. */
export interface ChaosRules {
  /**
   * Which directions flow. What is held back, ends and resets included, arrives in order when its direction flows
   * again, as TCP would repeat it. @default 'pass'
   */
  mode: ChaosMode;
  /** One-way delay. @default 0 */
  latencyMs: number;
  /** Each chunk's delay differs from `latencyMs` by up to this much; order is kept. @default 0 */
  jitterMs: number;
  /** Largest piece that travels at once; 1 slices everything to bytes. 0: no slicing. @default 0 */
  sliceBytes: number;
  /** Per connection and direction. 0: no limit. @default 0 */
  bytesPerSecond: number;
  /** Resets a connection on which no byte got through for so long, either way, as proxies do. 0: never. @default 0 */
  idleCutMs: number;
  /** Resets new connections at once. @default false */
  resetOnAccept: boolean;
  /** Takes new connections and never answers them, not even when this is turned off again. @default false */
  hangHandshake: boolean;
}

export const goodNetwork: Readonly<ChaosRules> = {
  mode: 'pass',
  latencyMs: 0,
  jitterMs: 0,
  sliceBytes: 0,
  bytesPerSecond: 0,
  idleCutMs: 0,
  resetOnAccept: false,
  hangHandshake: false,
};

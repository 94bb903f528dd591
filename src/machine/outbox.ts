/** A message waiting for an authenticated link. */
export interface Queued<Out> {
  readonly message: Out;
  /** Elapsed ms. */
  readonly at: number;
}

export interface OutboxLimits {
  readonly max: number;
  readonly maxAgeMs: number;
  readonly overflow: 'drop-oldest' | 'drop-newest';
}

/** Adds a message, or says which one has to go. First in, first out. */
export function enqueue<Out>(
  queue: readonly Queued<Out>[],
  item: Queued<Out>,
  limits: OutboxLimits,
): { queue: readonly Queued<Out>[]; overflowed: Queued<Out> | null } {
  if (queue.length < limits.max) return { queue: [...queue, item], overflowed: null };
  const [oldest, ...rest] = queue;
  if (limits.overflow === 'drop-newest' || oldest === undefined) return { queue, overflowed: item };
  return { queue: [...rest, item], overflowed: oldest };
}

/** Splits the queue into what is still worth sending and what waited too long. */
export function prune<Out>(
  queue: readonly Queued<Out>[],
  elapsedMs: number,
  { maxAgeMs }: OutboxLimits,
): { queue: readonly Queued<Out>[]; expired: readonly Queued<Out>[] } {
  const young = queue.findIndex(item => elapsedMs - item.at <= maxAgeMs);
  const kept = young < 0 ? queue.length : young;
  return kept === 0 ? { queue, expired: [] } : { queue: queue.slice(kept), expired: queue.slice(0, kept) };
}

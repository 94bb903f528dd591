/** Node fires longer timers at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Every timer of one server, so that closing it leaves none behind. */
export class Timers {
  readonly #pending = new Set<NodeJS.Timeout>();
  #isClosed = false;

  /** Runs `action` once; the returned function takes it back. After `close` it does nothing. */
  after(ms: number, action: () => void): () => void {
    let pending: NodeJS.Timeout | undefined;
    const wait = (leftMs: number) => {
      if (this.#isClosed) return;
      const hopMs = Math.min(Math.max(0, leftMs), LONGEST_TIMER_MS);
      const timer = setTimeout(() => {
        this.#pending.delete(timer);
        if (hopMs < leftMs) wait(leftMs - hopMs);
        else action();
      }, hopMs);
      pending = timer;
      this.#pending.add(timer);
    };
    wait(ms);
    return () => {
      if (!pending) return;
      clearTimeout(pending);
      this.#pending.delete(pending);
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
  }
}

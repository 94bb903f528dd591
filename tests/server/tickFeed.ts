import type { ServerContext } from './serverContext';
import type { SocketWriter } from './socketWriter';

/** The numbered stream as one socket gets it: in order, from where the client wants it. */
export class TickFeed {
  readonly #context: ServerContext;
  readonly #writer: SocketWriter;
  /** Next tick to send; null while the stream is held for a `resume`. */
  #cursor: number | null = null;
  #cancelHold = () => {};
  #unsubscribe = () => {};

  constructor(context: ServerContext, writer: SocketWriter) {
    this.#context = context;
    this.#writer = writer;
  }

  /** Starts with the next tick, which waits for `resumeWindowMs` in case a `resume` comes. */
  start(): void {
    const { settings, ticks, timers } = this.#context;
    const firstSeq = ticks.nextSeq;
    this.#unsubscribe = ticks.subscribe(() => this.#flush());
    this.#cancelHold = timers.after(settings.resumeWindowMs, () => {
      this.#cursor = firstSeq;
      this.#flush();
    });
  }

  /**
   * Goes on from this tick, as far as it is remembered, after a frame that says how many are coming and how many are
   * gone. A tick that this socket already got is sent again.
   */
  resume(from: unknown): void {
    if (typeof from !== 'number' || !Number.isSafeInteger(from) || from < 1) {
      this.#writer.send({ type: 'error', code: 'malformed' });
      return;
    }
    this.#cancelHold();
    const { stats, ticks } = this.#context;
    const first = Math.min(Math.max(from, ticks.oldestSeq), ticks.nextSeq);
    const missed = Math.max(0, first - from);
    const replayed = ticks.nextSeq - first;
    stats().stream.missed += missed;
    stats().stream.replayed += replayed;
    this.#writer.send({ type: 'resumed', from: first, replayed, missed });
    this.#cursor = first;
    this.#flush();
  }

  stop(): void {
    this.#cancelHold();
    this.#unsubscribe();
    this.#cursor = null;
  }

  #flush(): void {
    if (this.#cursor === null || !this.#writer.canWrite) return;
    for (const tick of this.#context.ticks.since(this.#cursor)) {
      this.#writer.send(tick);
      this.#cursor = tick.seq + 1;
      this.#context.stats().stream.sent += 1;
    }
  }
}

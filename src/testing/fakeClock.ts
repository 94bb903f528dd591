import { PromiseDrain } from './promiseDrain';
import { TimerQueue, type QueuedTimer } from './timerQueue';

/** 2026-01-01T00:00:00Z: a whole second, the same in every run. */
const START_WALL_MS = 1_767_225_600_000;

/** Monotonic clocks count from an arbitrary moment. Zero would hide code that takes 0 for "never". */
const START_ELAPSED_MS = 1_000;

/** More than this at one instant is a timer that keeps setting itself without a delay. */
const MAX_RUNS_AT_ONE_INSTANT = 100_000;

type Drain = () => Promise<void>;

/**
 * The time of a test world, which passes only when told to.
 *
 * There are two time lines. The world outside (servers, networks) never sleeps and has the true time. The machine with
 * its browser may stop: then its elapsed time, or the process itself, stands still.
 */
export class FakeClock {
  /** How far the machine's wall clock is off. */
  skewMs = 0;
  #worldMs = START_WALL_MS;
  #elapsedMs = START_ELAPSED_MS;
  #isRunning = true;
  #tasks = 0;
  #orders = 0;
  readonly #worldQueue = new TimerQueue();
  readonly #machineQueue = new TimerQueue();
  readonly #wakeListeners = new Set<() => void>();
  #lastTurn: Promise<void> = Promise.resolve();

  /** The true time, as servers see it. */
  get worldMs(): number {
    return this.#worldMs;
  }

  /** What `Date.now()` says on this machine. */
  get wallMs(): number {
    return this.#worldMs + this.skewMs;
  }

  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** False while the machine sleeps or the process is stopped. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Counts what ran, so that two moments of the same task can be told from two of different tasks. */
  get tasks(): number {
    return this.#tasks;
  }

  /** What runs from here on belongs to no timer. */
  beginTask(): void {
    this.#tasks += 1;
  }

  /** Something that happens outside the machine, or on the way to it. */
  atWorld(dueMs: number, run: () => void): () => void {
    return this.#worldQueue.add({ due: dueMs, order: (this.#orders += 1), run });
  }

  /** Something inside the machine; waits while the machine does. */
  atElapsed(dueMs: number, run: () => void): () => void {
    return this.#machineQueue.add({ due: dueMs, order: (this.#orders += 1), run });
  }

  onWake(listener: () => void): () => void {
    this.#wakeListeners.add(listener);
    return () => this.#wakeListeners.delete(listener);
  }

  /** Time passes: everything due runs in order, each followed by the promises it started. */
  advance(ms: number): Promise<void> {
    return this.#takeTurn(ms, drain => this.#pass(ms, drain));
  }

  /** The machine is suspended: only the world goes on. Timers keep the delay that was left. */
  sleep(ms: number): Promise<void> {
    return this.#takeTurn(ms, async drain => {
      this.#standStill(ms);
      await drain();
    });
  }

  /** The browser's process is stopped: at the end everything overdue runs, in order and late. */
  stall(ms: number): Promise<void> {
    return this.#takeTurn(ms, async drain => {
      this.#elapsedMs += ms;
      this.#standStill(ms);
      await this.#pass(0, drain);
    });
  }

  /** One at a time: a call made while another is under way waits for it. */
  #takeTurn(ms: number, body: (drain: Drain) => Promise<void>): Promise<void> {
    if (!(ms >= 0 && ms < Infinity)) {
      return Promise.reject(
        new RangeError(`Time passes by a number of milliseconds of at least 0, not ${ms}.`),
      );
    }
    const turn = this.#lastTurn.then(async () => {
      const promises = new PromiseDrain();
      try {
        await promises.drain();
        await body(() => promises.drain());
      } finally {
        promises.close();
        this.#tasks += 1;
      }
    });
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }

  async #pass(ms: number, drain: Drain): Promise<void> {
    let leftMs = ms;
    let runs = 0;
    for (let next = this.#next(); next !== null && next.inMs <= leftMs; next = this.#next()) {
      const stepMs = Math.max(0, next.inMs);
      this.#move(stepMs);
      leftMs -= stepMs;
      runs = stepMs > 0 ? 0 : runs + 1;
      if (runs > MAX_RUNS_AT_ONE_INSTANT) {
        throw new Error('A timer sets itself again and again without a delay: time cannot pass.');
      }
      next.queue.take();
      this.#run(next.timer);
      await drain();
    }
    this.#move(leftMs);
  }

  #standStill(ms: number): void {
    const endMs = this.#worldMs + ms;
    this.#isRunning = false;
    try {
      for (let next = this.#worldQueue.next; next && next.due <= endMs; next = this.#worldQueue.next) {
        this.#worldQueue.take();
        this.#worldMs = Math.max(this.#worldMs, next.due);
        this.#run(next);
      }
    } finally {
      this.#worldMs = endMs;
      this.#isRunning = true;
    }
    for (const listener of this.#wakeListeners) listener();
  }

  #next(): { queue: TimerQueue; timer: QueuedTimer; inMs: number } | null {
    const world = this.#worldQueue.next;
    const machine = this.#machineQueue.next;
    const worldInMs = world ? world.due - this.#worldMs : Infinity;
    const machineInMs = machine ? machine.due - this.#elapsedMs : Infinity;
    const isWorldFirst =
      worldInMs < machineInMs ||
      (worldInMs === machineInMs && world && machine && world.order < machine.order);
    if (world && isWorldFirst) return { queue: this.#worldQueue, timer: world, inMs: worldInMs };
    return machine ? { queue: this.#machineQueue, timer: machine, inMs: machineInMs } : null;
  }

  #run(timer: QueuedTimer): void {
    this.#tasks += 1;
    timer.run();
  }

  #move(ms: number): void {
    this.#worldMs += ms;
    this.#elapsedMs += ms;
  }
}

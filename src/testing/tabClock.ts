import type { Clock } from '../runtime/ports';
import type { FakeClock } from './fakeClock';
import type { FakePage } from './fakePage';

interface TabTimer {
  readonly callback: () => void;
  readonly dueMs: number;
  /** 1 for a timer that no timer set, else one more than the timer that set it. */
  readonly chain: number;
  cancel: () => void;
}

/** Chromium slows chains of timers to one a minute from here on, and only these. */
const LONG_CHAIN = 5;
const INTENSIVE_AFTER_MS = 5 * 60_000;

/**
 * The clock of one tab: its timers stand still while the page is frozen or stored, and run late afterwards.
 *
 * @see https://developer.chrome.com/blog/timer-throttling-in-chrome-88
 */
export class TabClock implements Clock {
  readonly #clock: FakeClock;
  readonly #page: FakePage;
  readonly #isThrottled: boolean;
  readonly #timers = new Set<TabTimer>();
  #running = { task: -1, chain: 0 };

  constructor(clock: FakeClock, page: FakePage, isThrottled: boolean) {
    this.#clock = clock;
    this.#page = page;
    this.#isThrottled = isThrottled;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  wallMs = (): number => this.#clock.wallMs;

  elapsedMs = (): number => this.#clock.elapsedMs;

  setTimer = (callback: () => void, delayMs: number): (() => void) => {
    const timer: TabTimer = {
      callback,
      // Whole milliseconds, as in a browser, and never early.
      dueMs: this.#clock.elapsedMs + Math.max(0, Math.ceil(delayMs) || 0),
      chain: this.#running.task === this.#clock.tasks ? this.#running.chain + 1 : 1,
      cancel: () => {},
    };
    this.#timers.add(timer);
    this.#arm(timer, timer.dueMs);
    return () => {
      timer.cancel();
      this.#timers.delete(timer);
    };
  };

  dispose(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #arm(timer: TabTimer, dueMs: number): void {
    timer.cancel = this.#clock.atElapsed(dueMs, () => {
      if (!this.#page.isRunning) this.#hold(timer);
      else if (this.#wakeUpMs(timer) > this.#clock.elapsedMs) this.#arm(timer, this.#wakeUpMs(timer));
      else this.#fire(timer);
    });
  }

  #hold(timer: TabTimer): void {
    timer.cancel = this.#page.whenRunning(() => this.#arm(timer, timer.dueMs));
  }

  #fire(timer: TabTimer): void {
    this.#timers.delete(timer);
    this.#running = { task: this.#clock.tasks, chain: timer.chain };
    timer.callback();
  }

  /** When this page next may run this timer: hidden pages wake once a second, later once a minute. */
  #wakeUpMs({ chain }: TabTimer): number {
    const nowMs = this.#clock.elapsedMs;
    if (!this.#isThrottled || this.#page.isVisible()) return nowMs;
    const isIntensive = chain >= LONG_CHAIN && this.#page.hiddenForMs >= INTENSIVE_AFTER_MS;
    const everyMs = isIntensive ? 60_000 : 1_000;
    return Math.ceil(nowMs / everyMs) * everyMs;
  }
}

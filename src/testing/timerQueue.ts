/** Something to do at a time. */
export interface QueuedTimer {
  readonly due: number;
  /** Decides between timers that are due together. */
  readonly order: number;
  readonly run: () => void;
}

/** Timers by due time, then by order of setting. */
export class TimerQueue {
  /** The next one last, so that taking it moves nothing. */
  readonly #timers: QueuedTimer[] = [];

  get next(): QueuedTimer | undefined {
    return this.#timers.at(-1);
  }

  take(): QueuedTimer | undefined {
    return this.#timers.pop();
  }

  /** The answer removes the timer; later it does nothing. */
  add(timer: QueuedTimer): () => void {
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    return () => {
      const place = this.#placeOf(timer);
      if (this.#timers[place] === timer) this.#timers.splice(place, 1);
    };
  }

  /** Index of the first timer that is not later than this one. */
  #placeOf({ due, order }: QueuedTimer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle];
      if (other && (other.due > due || (other.due === due && other.order > order))) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Calls back, once, when nothing stirred for so long. */
export class IdleWatch {
  readonly #onIdle: () => void;
  #afterMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
  }

  /** How long, counted from now if that is a change; 0 turns it off. */
  set(afterMs: number): void {
    if (afterMs === this.#afterMs) return;
    this.#afterMs = afterMs;
    this.stir();
  }

  /** Something happened: the time starts over. */
  stir(): void {
    clearTimeout(this.#timer);
    if (this.#afterMs > 0) this.#timer = setTimeout(this.#onIdle, this.#afterMs);
  }
}

/** The server's wall clock: this machine's or a given one, plus a skew that can jump while it runs. */
export class ServerClock {
  readonly #base: () => number;
  #skewMs: number;

  constructor(base: () => number = Date.now, skewMs = 0) {
    this.#base = base;
    this.#skewMs = skewMs;
  }

  now(): number {
    return this.#base() + this.#skewMs;
  }

  jump(ms: number): void {
    this.#skewMs += ms;
  }
}

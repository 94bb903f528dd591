/** Turns of the microtask queue where there is no `MessageChannel`; longer promise chains are cut short there. */
const FALLBACK_TURNS = 100;

/**
 * Lets every promise that is under way run on, however long its chain.
 *
 * It waits for one message of a `MessageChannel`: a task of the real event loop, which starts only after all promise
 * callbacks have run. Unlike `setTimeout` and `setImmediate` it is not replaced by the fake timers of test runners,
 * not throttled in a hidden page, and the same in Node and browsers. What comes from outside (a file, a worker, a real
 * network answer, `crypto.subtle`) is not waited for.
 */
export class PromiseDrain {
  readonly #channel = typeof MessageChannel === 'function' ? new MessageChannel() : null;
  #arrived: () => void = () => {};

  constructor() {
    if (this.#channel) this.#channel.port1.onmessage = () => this.#arrived();
  }

  async drain(): Promise<void> {
    const channel = this.#channel;
    if (channel) {
      await new Promise<void>(resolve => {
        this.#arrived = resolve;
        channel.port2.postMessage(null);
      });
      return;
    }
    for (let turn = 0; turn < FALLBACK_TURNS; turn += 1) await Promise.resolve();
  }

  /** An open channel would keep a Node process alive. */
  close(): void {
    this.#channel?.port1.close();
  }
}

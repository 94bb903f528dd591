import type { TestWorld } from 'react-auth-socket/testing';
import type { Script } from './journey';

/** Something that lives in a test world and is looked at now and then. */
export interface Playable {
  readonly world: Pick<TestWorld, 'clock'>;
  /** The server's side of things: reads what came in, answers, sends what is due. */
  poll(): void;
}

/**
 * Moves one or several worlds through a script, all by the same clock.
 *
 * Time goes forward only: what is wanted of the past needs new worlds. `poll` runs on a fixed grid, so that it makes no
 * difference in which portions time passes.
 */
export class Director<S extends Playable> {
  #nowMs = 0;
  /** Time that the worlds have seen; a sleep is given to them as a whole, when it is over. */
  #playedMs = 0;
  #done = 0;
  #isAsleep = false;
  #turn: Promise<void> = Promise.resolve();
  readonly #script: Script<S>;
  readonly #players: readonly S[];
  readonly #pollMs: number;

  constructor(script: Script<S>, players: readonly S[]) {
    this.#script = script;
    this.#players = players;
    this.#pollMs = script.pollMs ?? 250;
  }

  /** Since the beginning, ms. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** The machine is suspended at this moment. */
  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  /** Plays on until then; a moment that is over already changes nothing. One at a time. */
  goTo(ms: number): Promise<void> {
    this.#turn = this.#turn.then(() => this.#play(ms));
    return this.#turn;
  }

  async #play(toMs: number): Promise<void> {
    if (toMs < this.#nowMs) return;
    for (;;) {
      const step = this.#script.steps[this.#done];
      if (!step || step.at > toMs) break;
      await this.#pass(step.at);
      const { sleepsMs = 0 } = step;
      if (toMs < step.at + sleepsMs) {
        this.#nowMs = toMs;
        this.#isAsleep = true;
        return;
      }
      this.#done += 1;
      this.#isAsleep = false;
      for (const player of this.#players) {
        if (sleepsMs > 0) await player.world.clock.sleep(sleepsMs);
        await step.run?.(player);
        await player.world.clock.advance(0);
      }
      this.#playedMs = step.at + sleepsMs;
    }
    await this.#pass(toMs);
    this.#nowMs = toMs;
  }

  async #pass(toMs: number): Promise<void> {
    while (this.#playedMs < toMs) {
      const gridMs = (Math.floor(this.#playedMs / this.#pollMs) + 1) * this.#pollMs;
      const nextMs = Math.min(gridMs, toMs);
      for (const player of this.#players) {
        await player.world.clock.advance(nextMs - this.#playedMs);
        if (nextMs !== gridMs) continue;
        player.poll();
        await player.world.clock.advance(0);
      }
      this.#playedMs = nextMs;
    }
  }
}

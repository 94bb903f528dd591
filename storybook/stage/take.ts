import { Director, type Playable } from './director';
import type { Script } from './journey';
import { TimeScale } from './timeScale';

/** Who is in a take: worlds that can be played and taken down. */
export type Cast = Playable & { dispose(): void };

/** What a take is shown as. A new object whenever something changed. */
export interface TakeView<C extends Cast> {
  /** Each time the worlds were made anew. */
  readonly number: number;
  readonly cast: readonly C[];
  readonly nowMs: number;
  readonly isAsleep: boolean;
  readonly isBusy: boolean;
  readonly isPlaying: boolean;
}

/** The whole journey takes so long to play. */
const PLAYED_IN_MS = 12_000;

/**
 * Plays a script to and fro. Forward, the worlds' clocks go on; backward, the worlds are made anew and played to that
 * moment, which is the same each time.
 */
export class Take<C extends Cast> {
  readonly script: Script<C>;
  readonly scale: TimeScale;
  readonly #makeCast: () => readonly C[];
  readonly #listeners = new Set<() => void>();
  #director: Director<C>;
  #view: TakeView<C>;
  #mounted = signal();
  #turn: Promise<void> = Promise.resolve();
  #stopFrames: (() => void) | null = null;

  constructor(script: Script<C>, makeCast: () => readonly C[]) {
    this.script = script;
    this.scale = new TimeScale(script as Script<never>);
    this.#makeCast = makeCast;
    const cast = makeCast();
    this.#director = new Director(script, cast);
    this.#view = { number: 1, cast, nowMs: 0, isAsleep: false, isBusy: true, isPlaying: false };
  }

  get = (): TakeView<C> => this.#view;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The worlds of that number are on the screen: their clients have connected. */
  hasMounted(number: number): void {
    if (number === this.#view.number) this.#mounted.give();
  }

  /** Resolves when that moment is on the screen. One at a time. */
  goTo = (ms: number): Promise<void> => {
    this.#turn = this.#turn.then(() => this.#goTo(Math.min(Math.max(0, ms), this.script.endMs)));
    return this.#turn;
  };

  play = (): void => {
    if (this.#stopFrames) return;
    const fromMs = this.#view.nowMs >= this.script.endMs ? 0 : this.#view.nowMs;
    const startedAt = performance.now();
    const startPlace = this.scale.placeOf(fromMs);
    let isStopped = false;
    const frame = async () => {
      if (isStopped) return;
      const place = startPlace + (performance.now() - startedAt) / PLAYED_IN_MS;
      await this.goTo(place >= 1 ? this.script.endMs : this.scale.momentAt(place));
      if (place >= 1) this.pause();
      else requestAnimationFrame(() => void frame());
    };
    this.#stopFrames = () => void (isStopped = true);
    this.#change({ isPlaying: true });
    void frame();
  };

  pause = (): void => {
    this.#stopFrames?.();
    this.#stopFrames = null;
    this.#change({ isPlaying: false });
  };

  dispose(): void {
    this.pause();
    for (const member of this.#view.cast) member.dispose();
  }

  async #goTo(ms: number): Promise<void> {
    if (ms < this.#view.nowMs) this.#startOver();
    await this.#mounted.given;
    await this.#director.goTo(ms);
    this.#change({ nowMs: ms, isAsleep: this.#director.isAsleep, isBusy: false });
  }

  #startOver(): void {
    for (const member of this.#view.cast) member.dispose();
    const cast = this.#makeCast();
    this.#director = new Director(this.script, cast);
    this.#mounted = signal();
    this.#change({ number: this.#view.number + 1, cast, nowMs: 0, isAsleep: false, isBusy: true });
  }

  #change(change: Partial<TakeView<C>>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** A promise that somebody else resolves. */
function signal(): { given: Promise<void>; give(): void } {
  let give: () => void = () => {};
  const given = new Promise<void>(resolve => {
    give = resolve;
  });
  return { given, give };
}

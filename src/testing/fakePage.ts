import type { Page, PageSignal } from '../runtime/ports';
import type { FakeClock } from './fakeClock';

/** How often a visible page paints. */
const FRAME_MS = 16;

/** What happened to a page, for the other fakes of its tab. */
export type PageChange =
  /** Out of a freeze or the back/forward cache; its own handlers have not run yet. */
  | 'restored'
  /** After the handlers: timers, frames and messages go on. */
  | 'running'
  | 'disconnected'
  | 'connected'
  /** Gone for good, or as good as. */
  | 'unloaded';

/** The page of one tab, moved by the test. Each call fires its event, also when nothing changed. */
export class FakePage implements Page {
  readonly href = 'https://app.test/';
  readonly #clock: FakeClock;
  readonly #listeners = new Set<(signal: PageSignal) => void>();
  readonly #observers = new Set<(change: PageChange) => void>();
  readonly #frames = new Set<{ callback: () => void }>();
  #isFrameDue = false;
  #postponed: { callback: () => void }[] = [];
  #hiddenSinceMs: number | null = null;
  #isOnline = true;
  #mayDial = true;
  #isFrozen = false;
  /** In the back/forward cache, or left. */
  #isLeft = false;
  #isDisposed = false;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  get isRunning(): boolean {
    return !this.#isFrozen && !this.#isLeft && !this.#isDisposed;
  }

  get hiddenForMs(): number {
    return this.#hiddenSinceMs === null ? 0 : this.#clock.elapsedMs - this.#hiddenSinceMs;
  }

  get mayDial(): boolean {
    return this.#mayDial;
  }

  isVisible = (): boolean => this.#hiddenSinceMs === null;

  isOnline = (): boolean => this.#isOnline;

  subscribe = (listener: (signal: PageSignal) => void): (() => void) => {
    const own = (signal: PageSignal) => listener(signal);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  };

  requestFrame = (callback: () => void): (() => void) => {
    const frame = { callback };
    this.#frames.add(frame);
    this.#armFrame();
    return () => this.#frames.delete(frame);
  };

  hide = (): void => {
    this.#hiddenSinceMs ??= this.#clock.elapsedMs;
    this.#emit('hidden');
  };

  show = (): void => {
    this.#hiddenSinceMs = null;
    this.#emit('shown');
    this.#armFrame();
  };

  focus = (): void => this.#emit('focused');

  /** The user pressed a key or moved a pointer. */
  use = (): void => this.#emit('used');

  freeze = (): void => {
    this.#emit('frozen');
    this.#isFrozen = true;
  };

  resume = (): void => {
    const wasRunning = this.isRunning;
    this.#isFrozen = false;
    // A stored page gets `resume` ahead of `pageshow`, and loses its sockets only after that.
    this.#restore('resumed', !wasRunning && !this.#isLeft);
  };

  offline = (): void => {
    this.#isOnline = false;
    this.#notify('disconnected');
    this.#emit('offline');
  };

  online = (): void => {
    this.#isOnline = true;
    this.#emit('online');
    this.#notify('connected');
  };

  /** As a content security policy does. */
  forbidDials = (): void => {
    this.#mayDial = false;
  };

  /** `persisted`: the page goes into the back/forward cache. Without it the browser ends what the page left open. */
  pagehide = ({ persisted = false }: { persisted?: boolean } = {}): void => {
    this.#emit('left');
    this.#isLeft = true;
    if (!persisted) this.#notify('unloaded');
  };

  /** Only a page that comes from the back/forward cache is told so. */
  pageshow = ({ persisted = false }: { persisted?: boolean } = {}): void => {
    const wasRunning = this.isRunning;
    this.#isLeft = false;
    this.#isFrozen = false;
    this.#restore(persisted ? 'returned' : null, !wasRunning);
  };

  /** Calls back now if the page runs, else when it goes on. The answer cancels it. */
  whenRunning(callback: () => void): () => void {
    if (this.isRunning && this.#postponed.length === 0) {
      callback();
      return () => {};
    }
    const entry = { callback };
    this.#postponed.push(entry);
    return () => {
      this.#postponed = this.#postponed.filter(other => other !== entry);
    };
  }

  observe(observer: (change: PageChange) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#postponed = [];
    this.#frames.clear();
    this.#notify('unloaded');
    this.#observers.clear();
    this.#listeners.clear();
  }

  #restore(signal: PageSignal | null, wasStopped: boolean): void {
    if (wasStopped) this.#notify('restored');
    if (signal) this.#emit(signal);
    if (!wasStopped) return;
    // A callback may stop the page again: the rest then stays postponed.
    while (this.isRunning && this.#postponed.length > 0) this.#postponed.shift()?.callback();
    if (!this.isRunning) return;
    this.#notify('running');
    this.#armFrame();
  }

  #emit(signal: PageSignal): void {
    for (const listener of [...this.#listeners]) listener(signal);
  }

  #notify(change: PageChange): void {
    for (const observer of [...this.#observers]) observer(change);
  }

  #armFrame(): void {
    if (this.#isFrameDue || this.#frames.size === 0 || !this.#canPaint) return;
    this.#isFrameDue = true;
    const nextMs = (Math.floor(this.#clock.elapsedMs / FRAME_MS) + 1) * FRAME_MS;
    this.#clock.atElapsed(nextMs, () => {
      this.#isFrameDue = false;
      if (!this.#canPaint) return;
      // What a callback asks for belongs to the next frame, what it cancels does not run in this one.
      for (const frame of [...this.#frames]) if (this.#frames.delete(frame)) frame.callback();
    });
  }

  get #canPaint(): boolean {
    return this.isVisible() && this.isRunning;
  }
}

import type { LifecycleSignal } from '../machine/event';

/**
 * Every contact with the outside, one port each. What an application does not give is read from the globals when the
 * client is created, never at import.
 */
export interface Platform {
  /** Node 20 has none: pass the `WebSocket` of `ws` there. */
  WebSocket: new (url: string | URL, protocols?: string | string[]) => WebSocket;
  clock: Clock;
  /** A number in [0, 1). */
  random: () => number;
  /** null: there is no page (a server, a worker): always visible, online and awake. */
  page: Page | null;
  /** null: this tab is alone. */
  tabs: Tabs | null;
  /** null: no mutual exclusion between tabs. */
  lock: Lock | null;
}

/** Wall time, elapsed time and timers. A sleeping machine may move the first and not the second. */
export interface Clock {
  /** Epoch ms. May jump both ways. */
  wallMs(): number;
  /** Monotonic ms. May stand still while the machine sleeps. */
  elapsedMs(): number;
  /** Calls back once, not before `delayMs` of elapsed time. The answer cancels it. */
  setTimer(callback: () => void, delayMs: number): () => void;
}

/** What a page tells about itself: its lifecycle, and that the user did something (a key, a pointer). */
export type PageSignal = LifecycleSignal | 'used';

/** The page that the client runs in: where it is, whether it is seen, and what it tells. */
export interface Page {
  /** The document's URL; a path given as `url` is resolved against it. */
  readonly href: string;
  isVisible(): boolean;
  isOnline(): boolean;
  /** Listeners are attached with the first subscriber and removed with the last. */
  subscribe(listener: (signal: PageSignal) => void): () => void;
  /** Calls back before the next paint; may not run in a hidden page. The answer cancels it. */
  requestFrame(callback: () => void): () => void;
}

/** The other tabs of this browser profile and origin. */
export interface Tabs {
  /** Joins a named channel. What this tab posts does not come back to it. Throws where channels are unavailable. */
  join(name: string, onMessage: (message: unknown) => void): TabChannel;
}

/** A channel that a tab has joined. */
export interface TabChannel {
  post(message: unknown): void;
  leave(): void;
  /** true: it is certain that nobody else is on the channel. Left out where that cannot be known, as in browsers. */
  isAlone?(): boolean;
}

/** Mutual exclusion between tabs. */
export interface Lock {
  /** Runs `body` while the named lock is held. Rejects with the signal's reason if it is not granted in time. */
  request<T>(name: string, signal: AbortSignal, body: () => Promise<T>): Promise<T>;
}

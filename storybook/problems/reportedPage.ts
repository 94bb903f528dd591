import type { TestWorld } from 'react-auth-socket/testing';
import { noOrders, reduceOrders, type Orders } from '../stage/orders';
import type { LogLine } from './side';

/** What the page of a reported client shows. A new object whenever something changed. */
export interface PageView {
  /** 'login': the application is gone from the screen, and with it what was written. */
  readonly screen: 'app' | 'login';
  readonly isLive: boolean;
  readonly orders: Orders;
}

/** The page in which a reported client runs. */
export class ReportedPage {
  readonly log: LogLine[] = [];
  /** Times that the user was thrown out. */
  signOuts = 0;
  #view: PageView = { screen: 'app', isLive: false, orders: noOrders };
  readonly #world: TestWorld;
  readonly #listeners = new Set<() => void>();

  constructor(world: TestWorld) {
    this.#world = world;
  }

  get = (): PageView => this.#view;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The link is up, or is not. */
  isLive(isLive: boolean): void {
    if (isLive !== this.#view.isLive) this.note(isLive ? 'connected' : 'connection lost');
    this.#change({ isLive });
  }

  received(data: unknown): void {
    const message: unknown = typeof data === 'string' ? JSON.parse(data) : null;
    this.#change({ orders: reduceOrders(this.#view.orders, [message]) });
  }

  /** The application navigates, or unmounts what it shows to those who are signed in. */
  showLogin(why: string): void {
    if (this.#view.screen === 'app') this.signOuts += 1;
    this.note(why);
    this.#change({ screen: 'login', isLive: false });
  }

  /** What the client does, for the log beneath the page. */
  note(text: string): void {
    this.log.push({ at: this.#world.clock.now(), text });
    this.#tell();
  }

  #change(change: Partial<PageView>): void {
    this.#view = { ...this.#view, ...change };
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

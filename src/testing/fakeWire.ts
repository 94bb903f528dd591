import type { FakeClock } from './fakeClock';
import type { FakeConnection } from './fakeConnection';
import type { FakePage } from './fakePage';
import type { Dial, FakeServer } from './fakeServer';
import { BROKEN, FAILED, type WireEnd } from './wireEnd';

/** The page's end. Each call is a task of its own. */
export interface ClientEnd {
  opened(protocol: string): void;
  received(data: string | ArrayBuffer): void;
  closed(end: WireEnd): void;
  /** Not even dialled: an `error` event and no `close`. */
  blocked(): void;
}

export interface WireSetup {
  readonly clock: FakeClock;
  readonly page: FakePage;
  readonly server: FakeServer;
  readonly url: string;
  readonly protocols: readonly string[];
  readonly client: ClientEnd;
  readonly onEnd: () => void;
}

/** Chromium gives up on an upgrade that is not answered. */
const HANDSHAKE_LIMIT_MS = 240_000;
/** Chromium gives up on a close frame that is not answered. */
const CLOSING_LIMIT_MS = 60_000;

const NO_STATUS = 1005;
const GOING_AWAY = 1001;

/**
 * One socket's way to the server and back.
 *
 * What the page sends is at the server at once. What the server sends waits here, in order, until the machine is
 * awake, the page runs and the line is up, and then takes no fake time: `clock.advance(0)` delivers it.
 */
export class FakeWire implements Dial {
  readonly url: string;
  readonly protocols: readonly string[];
  /** The page was not allowed to dial: the socket is closed from the start. */
  readonly isBlocked: boolean;
  readonly #setup: WireSetup;
  #connection: FakeConnection | null = null;
  /** What the page has still to be told. */
  #inbox: (() => void)[] = [];
  #isDelivering = false;
  /** What waits for the line to come back. */
  #outbox: (() => void)[] = [];
  #isOpen = false;
  #isClosing = false;
  /** The end is decided on this side: the line is no longer needed to deliver it. */
  #isEnding = false;
  #isSevered = false;
  /** The browser gave the connection up and tells the page later. */
  #isLost = false;
  #cancelLimit: () => void;

  constructor(setup: WireSetup) {
    this.#setup = setup;
    this.url = setup.url;
    this.protocols = setup.protocols;
    this.isBlocked = !setup.page.mayDial;
    this.#cancelLimit = this.#limit(HANDSHAKE_LIMIT_MS, FAILED);
    setup.clock.atWorld(setup.clock.worldMs, () => this.#dial());
  }

  // The page's side

  send(data: unknown): void {
    this.#transmit(() => this.#connection?.receive(data));
  }

  /** Calls back in a task of its own. */
  afterTask(run: () => void): void {
    const { clock } = this.#setup;
    clock.atWorld(clock.worldMs, run);
  }

  close(code: number | undefined, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#cancelLimit();
    if (!this.#isOpen) {
      this.#hangUp(FAILED.code);
      this.#endWith(FAILED);
      return;
    }
    this.#cancelLimit = this.#limit(CLOSING_LIMIT_MS, BROKEN);
    this.#transmit(() => this.#connection?.receiveClose(code ?? NO_STATUS, reason));
  }

  // The server's side

  accept(connection: FakeConnection, protocol: string): void {
    this.#cancelLimit();
    this.#connection = connection;
    const isAgreed = this.protocols.length === 0 ? protocol === '' : this.protocols.includes(protocol);
    if (!isAgreed) {
      this.#hangUp(FAILED.code);
      this.#endWith(FAILED);
      return;
    }
    this.#deliver(() => {
      this.#isOpen = true;
      this.#setup.client.opened(protocol);
    });
  }

  refuse(): void {
    this.#endWith(FAILED);
  }

  deliverMessage(data: string | ArrayBuffer): void {
    this.#deliver(() => this.#setup.client.received(data));
  }

  deliverClose(code: number, reason: string): void {
    this.#deliver(() => this.#finish({ code, reason, wasClean: true, isError: false }));
  }

  deliverReset(): void {
    this.#deliver(() => this.#finish(BROKEN));
  }

  deliverFailure(): void {
    this.#deliver(() => this.#finish(FAILED));
  }

  sever(): void {
    this.#isSevered = true;
  }

  // What happens around it

  /** Frames may flow again. */
  goOn(delayMs: number): void {
    if (this.#isLost) this.#endWith(FAILED);
    this.#pump(delayMs);
  }

  /** A page that was frozen or stored comes back: its sockets are dead, but say so only after its handlers ran. */
  lose(): void {
    if (this.#isClosing) return;
    this.#isLost = true;
    this.#hangUp(GOING_AWAY);
  }

  disconnect(): void {
    if (this.#isOpen || this.#isClosing) return;
    this.#hangUp(FAILED.code);
    this.#endWith(FAILED);
  }

  reconnect(): void {
    const waiting = this.#outbox;
    this.#outbox = [];
    for (const transmit of waiting) this.#transmit(transmit);
    this.#pump(0);
  }

  unload(): void {
    this.#hangUp(GOING_AWAY);
    this.#conclude();
  }

  #dial(): void {
    if (this.#isClosing || this.#isEnding) return;
    if (this.isBlocked) {
      this.#conclude();
      this.#setup.client.blocked();
    } else if (this.#setup.page.isOnline()) this.#setup.server.dial(this);
    else this.#endWith(FAILED);
  }

  #transmit(transmit: () => void): void {
    if (this.#isSevered || this.#isLost || this.#isEnding) return;
    if (this.#setup.page.isOnline()) transmit();
    else this.#outbox.push(transmit);
  }

  #deliver(event: () => void): void {
    if (this.#isSevered || this.#isLost || this.#isEnding) return;
    this.#inbox.push(event);
    this.#pump(0);
  }

  #endWith(end: WireEnd): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#inbox = [() => this.#finish(end)];
    this.#pump(0);
  }

  /** Delivers one thing, then the next: each is a task of its own, with the promises it starts behind it. */
  #pump(delayMs: number): void {
    if (this.#isDelivering || this.#inbox.length === 0 || !this.#isClear) return;
    this.#isDelivering = true;
    const { clock } = this.#setup;
    clock.atWorld(clock.worldMs + delayMs, () => {
      this.#isDelivering = false;
      if (!this.#isClear) return;
      const event = this.#inbox.shift();
      event?.();
      this.#pump(0);
    });
  }

  get #isClear(): boolean {
    const { clock, page } = this.#setup;
    return clock.isRunning && page.isRunning && (page.isOnline() || this.#isEnding);
  }

  #limit(ms: number, end: WireEnd): () => void {
    const { clock } = this.#setup;
    return clock.atElapsed(clock.elapsedMs + ms, () => {
      this.#hangUp(FAILED.code);
      this.#endWith(end);
    });
  }

  /** The server learns that nobody is there any more. */
  #hangUp(code: number): void {
    this.#setup.server.abandon(this);
    if (!this.#isSevered) this.#connection?.lose(code);
  }

  #finish(end: WireEnd): void {
    this.#conclude();
    this.#setup.client.closed(end);
  }

  #conclude(): void {
    this.#isEnding = true;
    this.#cancelLimit();
    this.#inbox = [];
    this.#outbox = [];
    this.#setup.onEnd();
  }
}

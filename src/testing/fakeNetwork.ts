import type { FakeClock } from './fakeClock';
import type { FakePage, PageChange } from './fakePage';
import type { FakeServer } from './fakeServer';
import { FakeWire, type ClientEnd } from './fakeWire';

/** Queued frames reach the page this long after a wake; overdue timers come first. */
const WAKE_DELIVERY_MS = 7;

/** What lies between the sockets of one tab and the servers, and stops when the tab, the machine or the line does. */
export class FakeNetwork {
  readonly #clock: FakeClock;
  readonly #page: FakePage;
  readonly #server: FakeServer;
  readonly #wires = new Set<FakeWire>();
  readonly #stopListening: () => void;

  constructor(clock: FakeClock, page: FakePage, server: FakeServer) {
    this.#clock = clock;
    this.#page = page;
    this.#server = server;
    this.#stopListening = clock.onWake(() => this.#forEach(wire => wire.goOn(WAKE_DELIVERY_MS)));
    page.observe(change => this.#forEach(wire => react(wire, change)));
  }

  /** How many sockets are not closed. */
  get size(): number {
    return this.#wires.size;
  }

  connect(url: string, protocols: readonly string[], client: ClientEnd): FakeWire {
    const wire: FakeWire = new FakeWire({
      clock: this.#clock,
      page: this.#page,
      server: this.#server,
      url,
      protocols,
      client,
      onEnd: () => this.#wires.delete(wire),
    });
    this.#wires.add(wire);
    return wire;
  }

  dispose(): void {
    this.#stopListening();
  }

  #forEach(visit: (wire: FakeWire) => void): void {
    for (const wire of [...this.#wires]) visit(wire);
  }
}

function react(wire: FakeWire, change: PageChange): void {
  switch (change) {
    case 'restored':
      return wire.lose();
    case 'running':
      return wire.goOn(0);
    case 'disconnected':
      return wire.disconnect();
    case 'connected':
      return wire.reconnect();
    case 'unloaded':
      return wire.unload();
  }
}

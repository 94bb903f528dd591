import type { TestConnection, TestWorld } from 'react-auth-socket/testing';

/** What the mock application's server says. */
export type FromKitchen =
  { type: 'order'; seq: number; dish: string; at: number } | { type: 'noted'; id: string };

/** What it is told. */
export type ToKitchen = { type: 'resume'; from: number } | { type: 'note'; id: string; text: string };

const dishes = ['Ramen', 'Gyoza', 'Soba', 'Mapo tofu', 'Udon', 'Katsu', 'Miso soup', 'Onigiri'];

export interface KitchenOptions {
  /** An order comes in so often, ms. */
  everyMs: number;
  /** true: every link gets what comes from then on, and nothing of before. @default false */
  isLiveOnly?: boolean;
}

/**
 * The server of the mock application: numbered orders, one after the other, whoever listens.
 *
 * A client that asks for `resume` gets everything from that number on; a note counts once, however often it comes.
 */
export class Kitchen {
  /** Notes that arrived, in order. */
  readonly notes: string[] = [];
  readonly #world: TestWorld;
  readonly #options: KitchenOptions;
  readonly #startMs: number;
  /** The next order that each link is owed. */
  readonly #owed = new Map<TestConnection, number>();
  readonly #read = new Map<TestConnection, number>();
  readonly #ids = new Set<string>();

  constructor(world: TestWorld, options: KitchenOptions) {
    this.#world = world;
    this.#options = options;
    this.#startMs = world.server.now();
  }

  /** The number of the newest order. */
  get newest(): number {
    return Math.floor((this.#world.server.now() - this.#startMs) / this.#options.everyMs);
  }

  /** Reads what came in and sends what is due. */
  poll(): void {
    for (const connection of this.#world.server.connections) {
      if (!connection.isOpen) continue;
      if (this.#options.isLiveOnly && !this.#owed.has(connection))
        this.#owed.set(connection, this.newest + 1);
      this.#listen(connection);
      this.#serve(connection);
    }
  }

  #listen(connection: TestConnection): void {
    const from = this.#read.get(connection) ?? 0;
    this.#read.set(connection, connection.received.length);
    for (const frame of connection.received.slice(from) as ToKitchen[]) {
      if (frame.type === 'resume') this.#owed.set(connection, Math.max(1, frame.from));
      if (frame.type !== 'note') continue;
      if (!this.#ids.has(frame.id)) this.notes.push(frame.text);
      this.#ids.add(frame.id);
      connection.send({ type: 'noted', id: frame.id });
    }
  }

  #serve(connection: TestConnection): void {
    const owed = this.#owed.get(connection);
    if (owed === undefined) return;
    const { newest } = this;
    for (let seq = owed; seq <= newest; seq += 1) {
      const dish = dishes[seq % dishes.length] ?? '';
      const at = this.#startMs + seq * this.#options.everyMs;
      connection.send({ type: 'order', seq, dish, at } satisfies FromKitchen);
    }
    this.#owed.set(connection, Math.max(owed, newest + 1));
  }
}

import type { TestConnection, TestWorld } from '../../src/testing';

/** How often it looks. */
const STEP_MS = 1_000;

interface Watched {
  received: number;
  quietSince: number;
}

/** A proxy before the virtual server that resets a connection on which nobody said anything for so long. */
export class IdleProxy {
  readonly #world: TestWorld;
  readonly #idleMs: number;
  readonly #watched = new Map<TestConnection, Watched>();
  cuts = 0;

  /** nginx waits 60 s. */
  constructor(world: TestWorld, idleMs = 60_000) {
    this.#world = world;
    this.#idleMs = idleMs;
  }

  /** The server says something on the newest connection. */
  send(frame: unknown): void {
    const { last } = this.#world.server;
    const watched = this.#watched.get(last);
    if (watched) watched.quietSince = this.#world.server.now();
    last.send(frame);
  }

  /** Time passes, and who is quiet for too long is cut. */
  async pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
      await this.#world.clock.advance(Math.min(STEP_MS, leftMs));
      this.#look();
    }
  }

  #look(): void {
    const now = this.#world.server.now();
    for (const connection of this.#world.server.connections) {
      if (!connection.isOpen) {
        this.#watched.delete(connection);
        continue;
      }
      const received = connection.received.length;
      const watched = this.#watched.get(connection);
      if (!watched || watched.received !== received) {
        this.#watched.set(connection, { received, quietSince: now });
      } else if (now - watched.quietSince >= this.#idleMs) {
        this.cuts += 1;
        connection.drop();
      }
    }
  }
}

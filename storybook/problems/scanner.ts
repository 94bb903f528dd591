import type { TestConnection, TestWorld } from 'react-auth-socket/testing';
import type { Surroundings } from './problem';

const HANDSHAKE_MS = 350;

/**
 * OpenScanner's server: the token comes in the first frame; one that is not good gets `XPR` and a close with 1008. A
 * handshake takes its time, and so does the refresh.
 */
export class Scanner implements Surroundings {
  refreshes = 0;
  /** Tokens presented that had been refused before. */
  oldTokens = 0;
  /** Sockets that the client closed before they were open. */
  closedEarly = 0;
  readonly #world: TestWorld;
  readonly #refreshMs: number;
  readonly #read = new Map<TestConnection, number>();
  #good = '';
  #minted = 0;
  #answered = 0;

  constructor(world: TestWorld, refreshMs: number) {
    this.#world = world;
    this.#refreshMs = refreshMs;
    world.server.auto = false;
    world.server.hang();
  }

  /** The login: a token without a call. */
  mint(): string {
    this.#minted += 1;
    this.#good = `token-${this.#minted}`;
    return this.#good;
  }

  /** POST /auth/refresh */
  async refresh(): Promise<string> {
    this.refreshes += 1;
    await new Promise<void>(resolve => this.#world.platform.clock.setTimer(resolve, this.#refreshMs));
    return this.mint();
  }

  /** Other devices have pushed the token of this tab out. */
  evict(): void {
    this.#good = '';
    this.#refuse(this.#world.server.last);
  }

  poll(): void {
    this.#takeCalls();
    for (const connection of this.#world.server.connections) {
      if (!connection.isOpen) continue;
      const from = this.#read.get(connection) ?? 0;
      this.#read.set(connection, connection.received.length);
      for (const frame of connection.received.slice(from) as [string, unknown?][])
        this.#answer(connection, frame);
    }
  }

  /** The mode holds for all, so that one is let in at a time. */
  #takeCalls(): void {
    const { server } = this.#world;
    const due = server.dials[this.#answered];
    if (!due || server.now() - due.at < HANDSHAKE_MS) return;
    this.#answered += 1;
    server.accept();
    server.hang();
  }

  #answer(connection: TestConnection, frame: [string, unknown?]): void {
    if (!Array.isArray(frame)) return;
    if (frame[0] === 'LFM') return connection.send(frame);
    if (frame[0] === this.#good) return connection.send(['VER', '1.0']);
    this.oldTokens += 1;
    this.#refuse(connection);
  }

  #refuse(connection: TestConnection): void {
    connection.send(['XPR']);
    connection.close(1008, 'auth failed');
  }
}

import { signedOut, type GetToken, type TokenRequest, type TokenSource } from '../../src/core';
import type { TestWorld } from '../../src/testing';

/** What the library sends by itself is no sign of life of the user; a ping without `idle` is meant as one. */
const byItself = new Set(['auth', 'auth_refresh']);

/**
 * The login session behind a world's server, as backends keep it: a sign of life prolongs it, noted at most once in
 * `throttleMs`; without one for `ttlMs` it ends, its sockets are closed and the token source denies.
 */
export class ServerSession {
  /** When it was touched, in epoch ms of the server. */
  readonly touches: number[] = [];
  endedAt: number | null = null;
  /** Pass it as `getToken`: it denies from the very moment at which the session ends. */
  readonly source: TokenSource;
  readonly #world: TestWorld;
  readonly #ttlMs: number;
  readonly #throttleMs: number;
  readonly #read = new Map<unknown, number>();
  #touchedAt: number;

  constructor(world: TestWorld, { ttlMs = 30 * 60_000, throttleMs = 60_000 } = {}) {
    this.#world = world;
    this.#ttlMs = ttlMs;
    this.#throttleMs = throttleMs;
    this.#touchedAt = world.server.now();
    const inner = world.tokens.source as { getToken: GetToken };
    this.source = {
      ...inner,
      getToken: (request: TokenRequest) => {
        this.look();
        return inner.getToken(request);
      },
    };
  }

  /** Time passes; once a second the server looks at what came in. `each` runs before every second. */
  async pass(ms: number, each: () => void = () => {}): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) {
      each();
      await this.#world.clock.advance(Math.min(1_000, ms - passed));
      this.look();
    }
  }

  /** What the server does with all that arrived since it last looked. */
  look(): void {
    const now = this.#world.server.now();
    if (this.endedAt === null && now - this.#touchedAt >= this.#ttlMs) this.#end();
    const signs = this.#world.server.connections.flatMap(connection => {
      const from = this.#read.get(connection) ?? 0;
      this.#read.set(connection, connection.received.length);
      return connection.received.slice(from).filter(isSignOfLife);
    });
    if (this.endedAt !== null || signs.length === 0 || now - this.#touchedAt < this.#throttleMs) return;
    this.#touchedAt = now;
    this.touches.push(now);
  }

  #end(): void {
    this.endedAt = this.#touchedAt + this.#ttlMs;
    this.#world.tokens.answer(signedOut('session_expired'));
    for (const connection of this.#world.server.connections)
      if (connection.isOpen) connection.close(1008, '{"code":"session_expired"}');
  }
}

function isSignOfLife(frame: unknown): boolean {
  const { type, idle } = frame as { type?: string; idle?: boolean };
  return type === 'ping' ? idle !== true : !byItself.has(type ?? '');
}

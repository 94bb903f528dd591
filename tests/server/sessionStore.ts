/** Why a session ended. */
export type EndReason = 'logged-out' | 'revoked' | 'replayed' | 'expired';

/** One login: the family of all refresh cookies that descend from it. */
export interface Session {
  id: string;
  user: string;
  createdAt: number;
  /** Last sign of life that counted. */
  touchedAt: number;
  /** Number of the cookie that is valid now; goes up by one with every refresh. */
  generation: number;
  /** When `generation` last went up. */
  rotatedAt: number;
  endedBy: EndReason | null;
}

/**
 * Where sessions live. Every method that decides something is one atomic step, so that a store with a network in
 * between (Redis, SQL) can stand in for the one in memory.
 *
 * A store may forget a session whose life is over. One that cannot be reached rejects with `StoreUnavailable`.
 */
export interface SessionStore {
  /** `lifeMs`: how long the session lives unless a touch prolongs it. */
  create(session: Session, lifeMs: number): Promise<void>;
  find(id: string): Promise<Session | null>;
  /** Moves on to the next cookie if `generation` is still the current one; false if somebody else was first. */
  rotate(id: string, generation: number, at: number): Promise<boolean>;
  /**
   * Notes a sign of life unless the last one is younger than `throttleMs`; true if it was noted. `lifeMs`: the session
   * lives so much longer from now; null: as long as before.
   */
  touch(id: string, at: number, rule: { throttleMs: number; lifeMs: number | null }): Promise<boolean>;
  /** Ends a session for good; false if it had ended before or never was. */
  end(id: string, why: EndReason): Promise<boolean>;
  idsOfUser(user: string): Promise<string[]>;
}

/** The store did not answer: nothing is known about any session, and nobody may be signed out for it. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The answer, or null while the store is away. */
export async function unlessAway<T>(asking: Promise<T>): Promise<T | null> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof StoreUnavailable) return null;
    throw error;
  }
}

/** Sessions in this process; gone when it ends. */
export class MemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, Session>();

  async create(session: Session): Promise<void> {
    this.#sessions.set(session.id, { ...session });
  }

  async find(id: string): Promise<Session | null> {
    const session = this.#sessions.get(id);
    return session ? { ...session } : null;
  }

  async rotate(id: string, generation: number, at: number): Promise<boolean> {
    const session = this.#sessions.get(id);
    if (!session || session.endedBy !== null || session.generation !== generation) return false;
    session.generation += 1;
    session.rotatedAt = at;
    return true;
  }

  async touch(id: string, at: number, { throttleMs }: { throttleMs: number }): Promise<boolean> {
    const session = this.#sessions.get(id);
    if (!session || session.endedBy !== null || at - session.touchedAt < throttleMs) return false;
    session.touchedAt = at;
    return true;
  }

  async end(id: string, why: EndReason): Promise<boolean> {
    const session = this.#sessions.get(id);
    if (!session || session.endedBy !== null) return false;
    session.endedBy = why;
    return true;
  }

  async idsOfUser(user: string): Promise<string[]> {
    return [...this.#sessions.values()].filter(session => session.user === user).map(session => session.id);
  }
}

import { randomBytes } from 'node:crypto';

export interface AutomakerTicketStats {
  issued: number;
  /** Let somebody in. */
  used: number;
  /** Presented before. */
  reused: number;
  /** Presented after their time, and deleted all the same. */
  expired: number;
  /** Never issued, or forgotten at a restart. */
  unknown: number;
  /** The oldest one that let somebody in. */
  maxAgeAtUseMs: number;
}

/**
 * The tickets of automaker: 32 random bytes each, in memory only, bound to no session, user or origin. The first look at
 * one deletes it, whether it is still good or not.
 *
 * @see https://github.com/AutoMaker-Org/automaker/blob/main/apps/server/src/lib/auth.ts
 */
export class AutomakerTickets {
  readonly stats: AutomakerTicketStats = {
    issued: 0,
    used: 0,
    reused: 0,
    expired: 0,
    unknown: 0,
    maxAgeAtUseMs: 0,
  };
  readonly #lifeMs: number;
  readonly #issuedAt = new Map<string, number>();
  /** For the statistics alone: the real server cannot tell a spent ticket from one that it never gave out. */
  readonly #spent = new Set<string>();

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  get lifeMs(): number {
    return this.#lifeMs;
  }

  issue(): string {
    const ticket = randomBytes(32).toString('hex');
    this.#issuedAt.set(ticket, Date.now());
    this.stats.issued += 1;
    return ticket;
  }

  /** May the bearer of this ticket come in? Never twice. */
  redeem(ticket: string): boolean {
    const issuedAt = this.#issuedAt.get(ticket);
    if (issuedAt === undefined) {
      this.stats[this.#spent.has(ticket) ? 'reused' : 'unknown'] += 1;
      return false;
    }
    this.#issuedAt.delete(ticket);
    this.#spent.add(ticket);
    const ageMs = Date.now() - issuedAt;
    if (ageMs > this.#lifeMs) {
      this.stats.expired += 1;
      return false;
    }
    this.stats.used += 1;
    this.stats.maxAgeAtUseMs = Math.max(this.stats.maxAgeAtUseMs, ageMs);
    return true;
  }

  /** A restart: nothing was written down. */
  forget(): void {
    this.#issuedAt.clear();
  }
}

import { randomBytes } from 'node:crypto';
import type { Holder } from './holder';
import type { ServerClock } from './serverClock';
import type { ServerSettings } from './serverSettings';
import type { ServerStats } from './serverStats';

/** Why a ticket is no good; a counter of `stats().tickets`. */
export type TicketFault = 'unknown' | 'reused' | 'expired' | 'wrongOrigin';

interface Ticket {
  holder: Holder;
  /** Of the page that asked; null: no page did. */
  origin: string | null;
  issuedAt: number;
  isSpent: boolean;
}

/** A reused ticket is told from an unknown one as long as it is among so many. */
const MOST_TICKETS = 10_000;

/** Tickets for one handshake each: short-lived, bound to a session and to the origin of the page that asked. */
export class Tickets {
  readonly #settings: ServerSettings;
  readonly #clock: ServerClock;
  readonly #stats: () => ServerStats;
  readonly #tickets = new Map<string, Ticket>();

  constructor(parts: { settings: ServerSettings; clock: ServerClock; stats: () => ServerStats }) {
    this.#settings = parts.settings;
    this.#clock = parts.clock;
    this.#stats = parts.stats;
  }

  issue(holder: Holder, origin: string | null): { ticket: string; expiresInS: number } {
    const ticket = randomBytes(32).toString('hex');
    this.#tickets.set(ticket, { holder, origin, issuedAt: this.#clock.now(), isSpent: false });
    const [oldest] = this.#tickets.keys();
    if (this.#tickets.size > MOST_TICKETS && oldest !== undefined) this.#tickets.delete(oldest);
    this.#stats().tickets.issued += 1;
    return { ticket, expiresInS: this.#settings.ticketTtlMs / 1000 };
  }

  /** Spends a ticket, good or not. Answers whom it stands for, or what is wrong with it. */
  redeem(ticket: string, origin: string | null): Holder | TicketFault {
    const stats = this.#stats().tickets;
    const found = this.#tickets.get(ticket);
    const ageMs = found ? this.#clock.now() - found.issuedAt : 0;
    const fault = this.#faultOf(found, ageMs, origin);
    if (found) found.isSpent = true;
    if (fault !== null || !found) {
      stats[fault ?? 'unknown'] += 1;
      return fault ?? 'unknown';
    }
    stats.used += 1;
    stats.maxAgeAtUseMs = Math.max(stats.maxAgeAtUseMs, ageMs);
    return found.holder;
  }

  #faultOf(ticket: Ticket | undefined, ageMs: number, origin: string | null): TicketFault | null {
    if (!ticket) return 'unknown';
    if (ticket.isSpent) return 'reused';
    if (ageMs >= this.#settings.ticketTtlMs) return 'expired';
    return ticket.origin === origin ? null : 'wrongOrigin';
  }
}

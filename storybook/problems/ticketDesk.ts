import type { TestWorld } from 'react-auth-socket/testing';
import type { Surroundings } from './problem';

const LATENCY_MS = 100;

/** automaker's ticket endpoint: a ticket for whoever has a session, and a logout that ends a session of 30 days. */
export class TicketDesk implements Surroundings {
  tickets = 0;
  logouts = 0;
  isSessionAlive = true;
  /** Something in the way answers 403 in its place. */
  isBlocked = false;
  readonly #world: TestWorld;

  constructor(world: TestWorld) {
    this.#world = world;
  }

  /** GET /api/auth/token */
  async ask(): Promise<{ status: number; ticket?: string }> {
    await new Promise<void>(resolve => this.#world.platform.clock.setTimer(resolve, LATENCY_MS));
    if (this.isBlocked) return { status: 403 };
    if (!this.isSessionAlive) return { status: 401 };
    this.tickets += 1;
    return { status: 200, ticket: `ticket-${this.tickets}` };
  }

  /** POST /api/auth/logout. From here on no upgrade is let in: none has a ticket. */
  logout(): void {
    this.logouts += 1;
    this.isSessionAlive = false;
    this.#world.server.refuse();
  }

  /** Handshakes without a ticket. */
  get bareDials(): number {
    return this.#world.server.dials.filter(({ url }) => !url.includes('wsToken=')).length;
  }

  poll(): void {}
}

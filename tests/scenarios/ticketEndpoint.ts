import type { TestWorld } from '../../src/testing';
import type { TicketOptions } from '../../src/protocols';
import { readAutomakerTicket } from '../server/dialects/readAutomakerTicket';
import { FaultInjector, type EndpointFault } from '../server/faultInjector';
import { faultAnswer, jsonAnswer, type HttpAnswer } from '../server/httpAnswer';

const PATH = '/api/auth/token';

/** automaker's tickets live five minutes. */
const TICKET_MS = 300_000;

export interface TicketFigures {
  issued: number;
  upgrades: number;
  ticketlessUpgrades: number;
  /** Presented before, or never issued, or older than the server keeps them. */
  badTickets: number;
  oldestMs: number;
}

/** `GET /api/auth/token` in virtual time: tickets, the faults of the reference server, and a network that may be away. */
export class TicketEndpoint {
  readonly #world: TestWorld;
  readonly #latencyMs: () => number;
  readonly #faults: FaultInjector;
  readonly #issued = new Map<string, number>();
  #denial: string | null = null;
  #isOnline = true;
  /** When each request arrived, or failed to: epoch ms, true time. */
  readonly requests: number[] = [];

  constructor(world: TestWorld, latencyMs: () => number = () => 0) {
    this.#world = world;
    this.#latencyMs = latencyMs;
    this.#faults = new FaultInjector(() => world.server.now());
  }

  /** Pass it to `automaker()` or `ticket()`. */
  readonly getTicket: TicketOptions['getTicket'] = async ({ signal }) =>
    readAutomakerTicket(await this.#fetch(signal));

  set(fault: EndpointFault): void {
    this.#faults.set(PATH, fault);
  }

  /** The session is over: the server says so, in its own words. */
  deny(error: string): void {
    this.#denial = error;
  }

  offline(): void {
    this.#isOnline = false;
    this.#world.page.offline();
  }

  online(): void {
    this.#isOnline = true;
    this.#world.page.online();
  }

  /** What the server saw. */
  figures(): TicketFigures {
    const seen = new Set<string>();
    const figures = {
      issued: this.#issued.size,
      upgrades: 0,
      ticketlessUpgrades: 0,
      badTickets: 0,
      oldestMs: 0,
    };
    for (const { url, at } of this.#world.server.dials) {
      figures.upgrades += 1;
      const ticket = new URL(url).searchParams.get('wsToken');
      if (ticket === null) {
        figures.ticketlessUpgrades += 1;
        continue;
      }
      const ageMs = at - (this.#issued.get(ticket) ?? -Infinity);
      figures.oldestMs = Math.max(figures.oldestMs, ageMs);
      if (seen.has(ticket) || ageMs > TICKET_MS) figures.badTickets += 1;
      seen.add(ticket);
    }
    return figures;
  }

  async #fetch(signal: AbortSignal): Promise<Response> {
    this.requests.push(this.#world.server.now());
    const fault = this.#isOnline ? this.#faults.take(PATH) : { kind: 'offline' as const };
    if (fault?.kind === 'offline') throw new TypeError('Failed to fetch');
    if (fault?.kind === 'hang') return new Promise((_resolve, reject) => rejectWith(signal, reject));
    const answer = (fault && faultAnswer(fault)) ?? this.#answer();
    const latencyMs = this.#latencyMs();
    if (latencyMs > 0) {
      await new Promise<void>((resolve, reject) => {
        this.#world.platform.clock.setTimer(resolve, latencyMs);
        rejectWith(signal, reject);
      });
    }
    return new Response(answer.body, {
      status: answer.status,
      ...(answer.headers && { headers: answer.headers }),
    });
  }

  #answer(): HttpAnswer {
    if (this.#denial !== null) return jsonAnswer(401, { success: false, error: this.#denial });
    const ticket = `ticket-${this.#issued.size + 1}`;
    this.#issued.set(ticket, this.#world.server.now());
    return jsonAnswer(200, { success: true, token: ticket, expiresIn: TICKET_MS / 1_000 });
  }
}

function rejectWith(signal: AbortSignal, reject: (reason: unknown) => void): void {
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
}

import { AuthSocketError } from '../machine/errors';
import { positiveMs } from '../machine/positiveMs';
import { answerKind, unavailable } from '../machine/tokenAnswer';
import type { SignedOut, TokenRejected, Unavailable } from '../machine/tokenAnswer';
import { readClaims } from './jwtClaims';
import type { Carrier, DialAnswer } from './protocol';

/** A ticket for one handshake, or why there is none. */
export type TicketAnswer =
  string | { ticket: string; expiresInMs?: number } | TokenRejected | SignedOut | Unavailable;

/** Options of `ticket()`. */
export interface TicketOptions {
  /**
   * Fetches a ticket. Called for every dial, right before the socket is made; the ticket is presented once, never again,
   * and not shown to other tabs.
   *
   * `token` is the access token of the session, null where a cookie is the credential; `signal` ends with the deadline
   * `timeouts.tokenMs`. A throw, a hang, null or '' mean "not now", as does `unavailable()`; `tokenRejected()` costs one
   * token refresh and one more ticket. `signedOut()` makes us ask the token source, which decides; where there is none,
   * this function is asked once more and its second `signedOut()` ends the session.
   */
  getTicket: (request: { token: string | null; signal: AbortSignal }) => TicketAnswer | Promise<TicketAnswer>;
  /** The parameter of the query that carries it. @default 'ticket' */
  param?: string;
  /** A ticket that was asked for longer ago, a sleep included, is dropped unused. @default 60_000 */
  maxAgeMs?: number;
}

type Loose = { ticket?: unknown; expiresInMs?: unknown };

/** A JWT that lives longer than this is no ticket: RFC 6750 and every access log argue against it in a URL. */
const LONGEST_LIFE_MS = 600_000;

/** A cache between us and the server repeats one of its last answers, not one from hours ago. */
const MOST_REMEMBERED = 64;

/**
 * A single-use ticket in the query, fetched per dial. No ticket, no dial.
 *
 * The browser prints the address of a failed dial to its console, ticket included: prefer `firstMessage()` or
 * `subprotocol()` where the server gives a choice. A ticket that is the access token itself, or a JWT that lives for
 * more than 10 min, is refused with 'invalid-option'.
 */
export function ticket({ getTicket, param = 'ticket', maxAgeMs = 60_000 }: TicketOptions): Carrier {
  if (typeof getTicket !== 'function') throw invalid('getTicket must be a function');
  if (typeof param !== 'string' || param === '') throw invalid('param must be a non-empty string');
  if (!(Number.isFinite(maxAgeMs) && maxAgeMs > 0)) throw invalid('maxAgeMs must be a finite number above 0');
  const spent = new Set<string>();
  return {
    waitsForReady: false,
    async prepare({ url, token, signal }): Promise<DialAnswer> {
      const answer: unknown = await getTicket({ token, signal });
      if (answerKind(answer)) return answer as TokenRejected | SignedOut | Unavailable;
      const given = (typeof answer === 'string' ? { ticket: answer } : (answer ?? {})) as Loose;
      const { ticket, expiresInMs } = given;
      // One that was given before is spent: somebody between us and the server answers from a cache.
      if (typeof ticket !== 'string' || ticket === '' || spent.has(ticket)) return unavailable();
      if (ticket === token || lifeOf(ticket) > LONGEST_LIFE_MS) {
        throw invalid('getTicket must answer with a ticket for one handshake, not with a long-lived token');
      }
      const [oldest] = spent;
      if (oldest !== undefined && spent.size >= MOST_REMEMBERED) spent.delete(oldest);
      spent.add(ticket);
      const target = new URL(url);
      target.searchParams.set(param, ticket);
      return { url: target, maxAgeMs: Math.min(maxAgeMs, positiveMs(expiresInMs) ?? maxAgeMs) };
    },
  };
}

/** How long a JWT lives in all, in ms; 0 for what is no JWT or does not say. */
function lifeOf(text: string): number {
  const { issuedAt, expiresAt } = readClaims(text);
  return expiresAt === null || issuedAt === null ? 0 : expiresAt - issuedAt;
}

function invalid(what: string): AuthSocketError {
  return new AuthSocketError('invalid-option', `ticket: ${what}.`);
}

import { signedOut, unavailable } from '../../../src/core';
import type { TicketAnswer } from '../../../src/protocols';
import { fieldOf } from '../httpAnswer';

/** What the server itself says when there is no session. A proxy or a captive portal says anything else. */
const denials: readonly unknown[] = ['Authentication required.', 'session_expired'];

/**
 * What an application makes of an answer of `GET /api/auth/token`: a ticket, a denial in the server's own words, or
 * "not now". The page on automaker shows the same in short.
 */
export async function readAutomakerTicket(answer: Response): Promise<TicketAnswer> {
  const body: unknown = await answer.json().catch(() => null);
  const ticket = fieldOf(body, 'token');
  if (answer.ok && typeof ticket === 'string') {
    return { ticket, expiresInMs: Number(fieldOf(body, 'expiresIn')) * 1_000 };
  }
  const error = fieldOf(body, 'error');
  if (answer.status === 401 && denials.includes(error)) return signedOut(String(error));
  const seconds = Number(answer.headers.get('retry-after'));
  return unavailable(seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {});
}

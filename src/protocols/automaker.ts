import { AuthSocketError } from '../machine/errors';
import { closeTable } from './closeTable';
import { readJson, writeJson } from './jsonText';
import type { Frame, Inbound, SocketProtocol } from './protocol';
import { ticket, type TicketOptions } from './ticket';

/** Options of `automaker()`. */
export interface AutomakerOptions extends TicketOptions {
  /**
   * Fetches the ticket of one handshake: automaker's `GET /api/auth/token`, which answers `{ token, expiresIn }` (seconds).
   *
   * Called for every dial. Answer `signedOut()` only for the server's own 401; whatever a proxy or a captive portal says
   * is `unavailable()`. A throw, a hang, null or '' mean "not now", and nothing is dialled without a ticket.
   */
  getTicket: TicketOptions['getTicket'];
  /** The parameter of the query that carries it. @default 'wsToken' */
  param?: string;
  /** A ticket that was asked for longer ago, a sleep included, is dropped unused. @default 60_000 */
  maxAgeMs?: number;
  /**
   * Whether the socket answers a ping, so that a dead link is noticed by the missing answer. `/api/terminal/ws` does,
   * `/api/events` never does.
   *
   * @default false
   */
  answersPing?: boolean;
}

/**
 * What the terminal socket says with its closes. All of them last until the user does something, and a new ticket changes
 * none: 4001 is about the terminal's own password, not about the session.
 *
 * @see https://github.com/AutoMaker-Org/automaker/blob/main/apps/server/src/index.ts
 */
const judgeClose = closeTable({
  '1000:Session ended': 'forbidden',
  4001: 'forbidden',
  4002: 'protocol',
  4003: 'forbidden',
  4004: 'forbidden',
});

/**
 * The sockets of automaker: a single-use ticket in the query, JSON frames `{ type, … }`, whose `type` is the topic.
 *
 * A refused upgrade is HTTP 401, which a browser reports as 1006 like a cut cable: it means neither that the session is
 * over nor that it is not. Only `getTicket` can know.
 *
 * @see https://github.com/AutoMaker-Org/automaker/blob/main/apps/server/src/lib/auth.ts
 */
export function automaker<In = unknown, Out = unknown>({
  getTicket,
  param = 'wsToken',
  maxAgeMs = 60_000,
  answersPing = false,
}: AutomakerOptions): SocketProtocol<In, Out> {
  if (typeof answersPing !== 'boolean')
    throw new AuthSocketError('invalid-option', 'automaker: answersPing must be true or false.');
  return {
    name: 'automaker',
    ...ticket({ getTicket, param, maxAgeMs }),
    ping: () => '{"type":"ping"}',
    answersPing,
    judgeClose,
    read,
    write: message => writeJson(message),
  };
}

function read<In>(data: Inbound): Frame<In> {
  const json = readJson(data);
  if ('kind' in json) return json;
  const message = json.value;
  const type: unknown = (message as { type?: unknown } | null)?.type;
  if (typeof type !== 'string') return { kind: 'malformed', why: 'no type' };
  return type === 'pong' ? { kind: 'pong' } : { kind: 'message', message: message as In, topic: type };
}

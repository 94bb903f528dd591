import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FaultInjector } from '../faultInjector';
import {
  errorAnswer,
  faultAnswer,
  fieldOf,
  jsonAnswer,
  readJsonBody,
  writeAnswer,
  type HttpAnswer,
} from '../httpAnswer';
import { serveTerminal, type AutomakerTerminal } from './automakerTerminal';
import { AutomakerTickets, type AutomakerTicketStats } from './automakerTickets';
import { startDialectHost, type DialectHost } from './dialectHost';
import type { TokenBook } from './tokenBook';

export interface AutomakerServerOptions {
  /** Which of its two sockets. @default 'events' */
  socket?: 'events' | 'terminal';
  /** @default 300_000 */
  ticketMs?: number;
  /** @default 30 days */
  sessionMs?: number;
  /**
   * Makes the ticket endpoint ask for an access token instead of the session, as that of whatomate does: 401 for one that
   * has ended.
   *
   * @see https://github.com/shridarpatil/whatomate/issues/542
   */
  accessTokens?: TokenBook;
}

export interface AutomakerStats {
  readonly tickets: Readonly<AutomakerTicketStats>;
  readonly upgrades: number;
  readonly refusedUpgrades: number;
  readonly ticketlessUpgrades: number;
  readonly logouts: number;
  /** Requests that arrived, by `METHOD /path`, the ones that a fault hit included. */
  readonly requests: Readonly<Record<string, number>>;
  /** Frames of clients. The events socket reads none of them. */
  readonly frames: number;
}

/** automaker as a client meets it in web mode. */
export interface AutomakerServer extends Pick<
  DialectHost,
  'url' | 'httpUrl' | 'upgrades' | 'open' | 'reset' | 'close'
> {
  readonly port: number;
  /** What `POST /api/auth/login` wants as `apiKey`. */
  readonly apiKey: string;
  readonly stats: AutomakerStats;
  /** What goes wrong with requests, by path. */
  readonly faults: FaultInjector;
  readonly terminal: AutomakerTerminal;
  /** Is this session still good? */
  hasSession(session: string): boolean;
  /** Ends every session, as the passing of 30 days would. */
  endSessions(): void;
  /** Something happened: every open events socket is told. */
  emit(type: string, payload?: unknown): void;
  /** Gone for so long. Sessions are on disk and outlive it, tickets are not and do not. */
  restart(forMs: number): void;
}

const COOKIE = 'automaker_session';
const DAY_MS = 24 * 3_600_000;
const paths = { events: '/api/events', terminal: '/api/terminal/ws' };

/**
 * automaker's server, as far as sessions and sockets go. It pings nobody, and its events socket answers nobody.
 *
 * @see https://github.com/AutoMaker-Org/automaker/blob/main/apps/server/src/index.ts
 * @see https://github.com/AutoMaker-Org/automaker/blob/main/apps/server/src/lib/auth.ts
 * @see https://github.com/AutoMaker-Org/automaker/blob/main/apps/server/src/routes/auth/index.ts
 */
export async function startAutomakerServer(options: AutomakerServerOptions = {}): Promise<AutomakerServer> {
  const { socket: kind = 'events', ticketMs = 300_000, sessionMs = 30 * DAY_MS, accessTokens } = options;
  const apiKey = randomBytes(16).toString('hex');
  const tickets = new AutomakerTickets(ticketMs);
  const sessions = new Map<string, number>();
  const faults = new FaultInjector();
  const terminal: AutomakerTerminal = { isEnabled: true, token: null, sessions: new Set() };
  const stats = {
    tickets: tickets.stats,
    upgrades: 0,
    refusedUpgrades: 0,
    ticketlessUpgrades: 0,
    logouts: 0,
    requests: {} as Record<string, number>,
    frames: 0,
  };

  const hasSession = (session: string) => (sessions.get(session) ?? -Infinity) >= Date.now();
  const cookieOf = ({ headers }: IncomingMessage) =>
    new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(headers.cookie ?? '')?.[1] ?? '';
  const setCookie = (value: string, lifeMs: number) => ({
    'set-cookie': `${COOKIE}=${value}; Max-Age=${lifeMs / 1000}; Path=/; HttpOnly; SameSite=Lax`,
  });

  /** A session in the header is judged first, and then the cookie is not even looked at. */
  function standingOf(request: IncomingMessage): 'in' | 'invalid-session' | 'no-auth' {
    const named = request.headers['x-session-token'];
    if (typeof named === 'string' && named !== '') return hasSession(named) ? 'in' : 'invalid-session';
    return hasSession(cookieOf(request)) ? 'in' : 'no-auth';
  }

  function answerTicket(request: IncomingMessage): HttpAnswer {
    if (accessTokens) {
      const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
      if (typeof accessTokens.check(token) === 'string') return errorAnswer(401, 'token_expired');
    } else if (standingOf(request) !== 'in') return failure(401, 'Authentication required.');
    return success({ token: tickets.issue(), expiresIn: ticketMs / 1000 });
  }

  async function answerTo(route: string, request: IncomingMessage): Promise<HttpAnswer> {
    switch (route) {
      case 'POST /api/auth/login': {
        if (fieldOf(await readJsonBody(request), 'apiKey') !== apiKey)
          return failure(401, 'Invalid API key.');
        const session = randomBytes(32).toString('hex');
        sessions.set(session, Date.now() + sessionMs);
        return success({ token: session }, setCookie(session, sessionMs));
      }
      case 'GET /api/auth/status':
        return success({ authenticated: standingOf(request) === 'in', required: true });
      case 'GET /api/auth/token':
        return answerTicket(request);
      case 'POST /api/auth/logout':
        stats.logouts += 1;
        sessions.delete(cookieOf(request));
        return success({}, setCookie('', 0));
    }
    // Everything else is behind one guard.
    const standing = standingOf(request);
    if (standing === 'invalid-session') return failure(403, 'Invalid or expired session token.');
    if (standing === 'no-auth') return failure(401, 'Authentication required.');
    return route === 'GET /api/settings/status' ? success({}) : errorAnswer(404, 'not_found');
  }

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://server').pathname;
    const route = `${request.method ?? ''} ${path}`;
    stats.requests[route] = (stats.requests[route] ?? 0) + 1;
    const fault = faults.take(path);
    if (fault?.latencyMs !== undefined) {
      const { latencyMs } = fault;
      await new Promise<void>(resolve => host.timers.after(latencyMs, resolve));
    }
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'offline') return void response.destroy();
    writeAnswer(response, (fault && faultAnswer(fault)) ?? (await answerTo(route, request)));
  }

  const host: DialectHost = await startDialectHost({
    path: paths[kind],
    onRequest: (request, response) => void onRequest(request, response).catch(() => response.destroy()),
    refuse(request) {
      const ticket = new URL(request.url ?? '/', 'http://server').searchParams.get('wsToken');
      stats.upgrades += 1;
      if (!ticket) stats.ticketlessUpgrades += 1;
      // Who comes with a session keeps the ticket.
      const isIn = standingOf(request) === 'in' || (ticket !== null && tickets.redeem(ticket));
      if (!isIn) stats.refusedUpgrades += 1;
      return isIn ? null : 401;
    },
    onSocket(socket, request) {
      socket.on('message', () => (stats.frames += 1));
      if (kind === 'terminal')
        serveTerminal(socket, new URL(request.url ?? '/', 'http://server').searchParams, terminal);
    },
  });

  return {
    url: host.url,
    httpUrl: host.httpUrl,
    port: Number(new URL(host.httpUrl).port),
    upgrades: host.upgrades,
    open: host.open,
    apiKey,
    stats,
    faults,
    terminal,
    hasSession,
    endSessions: () => sessions.clear(),
    emit(type, payload) {
      for (const socket of host.open) socket.send(JSON.stringify({ type, payload }));
    },
    restart(forMs) {
      tickets.forget();
      host.restart(forMs);
    },
    reset: host.reset,
    close: host.close,
  };
}

function success(fields: object, headers: Record<string, string> = {}): HttpAnswer {
  return jsonAnswer(200, { success: true, ...fields }, headers);
}

function failure(status: number, error: string): HttpAnswer {
  return jsonAnswer(status, { success: false, error });
}

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { AccessTokens } from './accessTokens';
import { runControl, type ControlCommand } from './controlCommand';
import { EchoLedger } from './echoLedger';
import { controlEndpoint } from './endpoints/control';
import { echoEndpoint } from './endpoints/echo';
import { loginEndpoint } from './endpoints/login';
import { logoutEndpoint } from './endpoints/logout';
import { meEndpoint } from './endpoints/me';
import { refreshEndpoint } from './endpoints/refresh';
import { statsEndpoint } from './endpoints/stats';
import { ticketEndpoint } from './endpoints/ticket';
import { FaultInjector } from './faultInjector';
import { createRouter } from './httpRouter';
import { Listener } from './listener';
import { Origins } from './origins';
import { ServerClock } from './serverClock';
import type { ServerContext } from './serverContext';
import type { LiveOptions, ReferenceServerOptions } from './serverOptions';
import { resolveSettings } from './serverSettings';
import { emptyStats, type ServerStats } from './serverStats';
import { SessionCookies } from './sessionCookies';
import { Sessions } from './sessions';
import { MemorySessionStore } from './sessionStore';
import { SocketHub } from './socketHub';
import { Tickets } from './tickets';
import { TickStream } from './tickStream';
import { Timers } from './timers';

/** A running reference server. */
export interface ReferenceServer {
  /** `http://127.0.0.1:<port>`: endpoints under `/auth`, `/api`, `/__stats`, `/__control`. */
  readonly url: string;
  /** `ws://127.0.0.1:<port>/ws` */
  readonly wsUrl: string;
  readonly port: number;
  /** A copy of all counters, as `GET /__stats` answers it. */
  stats(): ServerStats;
  /** Resolves with the counters as soon as `isReached` accepts them; rejects after `timeoutMs`. @default 5_000 */
  waitFor(isReached: (stats: ServerStats) => boolean, timeoutMs?: number): Promise<ServerStats>;
  /** Runs a command, as `POST /__control` does; rejects on one that cannot be obeyed. */
  control(command: ControlCommand): Promise<unknown>;
  /** What goes wrong: `set(endpoint, fault)`, `setSocket(faults)`, `clear()`. */
  readonly faults: FaultInjector;
  /** A token as a login would give it, in a session of its own, without a request or a cookie. */
  issueToken(user: string): Promise<{ token: string; session: string; expiresInS: number }>;
  /** Ends it at once, open sockets and hanging requests included. Idempotent. */
  close(): Promise<void>;
}

const POLL_MS = 5;
const MOST_TARGETS = 10_000;

/**
 * Starts the reference server on 127.0.0.1: sessions with rotating refresh cookies, short-lived access tokens, a
 * WebSocket on `/ws` that speaks the wire format of `jsonProtocol`, counters, and faults on demand.
 *
 * Throws a RangeError that names an option it cannot use.
 */
export async function startReferenceServer(options: ReferenceServerOptions = {}): Promise<ReferenceServer> {
  const settings = resolveSettings(options);
  const secret = options.secret ?? randomBytes(32).toString('hex');
  const clock = new ServerClock(options.now, options.skewMs);
  const timers = new Timers();
  const faults = new FaultInjector();
  const origins = new Origins(options.allowedOrigins);
  const targets = new Set<string>();
  let liveOptions: ReferenceServerOptions = options;
  let counters = emptyStats();
  const stats = () => counters;

  const tokens = new AccessTokens({ secret, settings, clock, stats });
  const sessions = new Sessions({
    store: options.store ?? new MemorySessionStore(),
    settings,
    clock,
    stats,
    onEnded: (session, why) => {
      // A token of a session that ran out is turned down for that, not as revoked.
      if (why !== 'expired') tokens.revokeTokensOf(session);
      const code = why === 'expired' ? 'session_expired' : 'session_revoked';
      hub.forEach({ session }, ({ writer }) => writer.closeForPolicy(code));
    },
  });
  const http = createServer();
  const listener = new Listener(http, timers);
  const context: ServerContext = {
    settings,
    clock,
    timers,
    stats,
    faults,
    sessions,
    tokens,
    tickets: new Tickets({ settings, clock, stats }),
    cookies: new SessionCookies({
      secret,
      port: () => listener.port,
      path: settings.cookiePath,
      hasSocketCookie: () => settings.socketAuth.includes('cookie'),
    }),
    ticks: new TickStream({ settings, timers, now: () => clock.now(), stats }),
    echoes: new EchoLedger(stats),
  };
  const hub = new SocketHub(context, origins);

  const snapshot = (): ServerStats => {
    counters.sockets.open = hub.openCount;
    counters.liveTokens.now = tokens.countLive();
    counters.requestTargets = [...targets];
    return structuredClone(counters);
  };
  const configure = (changes: LiveOptions) => {
    Object.assign(settings, resolveSettings({ ...liveOptions, ...changes }));
    liveOptions = { ...liveOptions, ...changes };
    context.ticks.restart();
    hub.rearm();
  };
  const control = (command: ControlCommand) =>
    runControl(command, {
      context,
      hub,
      configure,
      resetStats: () => {
        const open = counters.connections.filter(connection => connection.closedAt === null);
        counters = emptyStats();
        counters.connections = open;
        targets.clear();
      },
      kill: forMs => {
        hub.forEach({}, ({ writer }) => writer.drop('end'));
        listener.cut(forMs);
      },
    });

  const route = createRouter(
    context,
    {
      'POST /auth/login': loginEndpoint(context),
      'POST /auth/refresh': refreshEndpoint(context),
      'POST /auth/logout': logoutEndpoint(context),
      'GET /auth/ticket': ticketEndpoint(context),
      'POST /auth/ticket': ticketEndpoint(context),
      'GET /api/me': meEndpoint(context),
      'POST /api/echo': echoEndpoint(context),
      'GET /__stats': statsEndpoint(snapshot),
      'POST /__control': controlEndpoint(control),
    },
    origins,
  );
  const noteTarget = (target: string | undefined) => {
    if (target !== undefined && targets.size < MOST_TARGETS) targets.add(target);
  };
  http.on('request', (request, response) => {
    noteTarget(request.url);
    // A request whose connection breaks while it is read has nobody left to answer.
    route(request, response).catch(() => response.destroy());
  });
  http.on('upgrade', (request, socket, head) => {
    noteTarget(request.url);
    socket.on('error', () => socket.destroy());
    hub.upgrade(request, socket, head);
  });

  await listener.open(options.port ?? 0);
  context.ticks.restart();

  let closing: Promise<void> | null = null;
  const host = `127.0.0.1:${listener.port}`;
  return {
    url: `http://${host}`,
    wsUrl: `ws://${host}/ws`,
    port: listener.port,
    stats: snapshot,
    waitFor: async (isReached, timeoutMs = 5_000) => {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const now = snapshot();
        if (isReached(now)) return now;
        if (performance.now() > deadline) {
          throw new Error(
            `the server did not reach the expected state in ${timeoutMs} ms: ${JSON.stringify(now)}`,
          );
        }
        await new Promise(resolve => setTimeout(resolve, POLL_MS));
      }
    },
    control,
    faults,
    issueToken: async user => {
      const session = await sessions.start(user);
      const { token, claims } = await tokens.mint(user, session.id);
      return { token, session: session.id, expiresInS: tokens.remainingS(claims) };
    },
    close: () => {
      closing ??= (async () => {
        timers.close();
        hub.close();
        await listener.close();
      })();
      return closing;
    },
  };
}

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AccessTokens } from '../accessTokens';
import { errorAnswer, fieldOf, jsonAnswer, readJsonBody, writeAnswer, type HttpAnswer } from '../httpAnswer';
import { ServerClock } from '../serverClock';
import { resolveSettings } from '../serverSettings';
import { emptyStats, type ServerStats } from '../serverStats';
import { Sessions } from '../sessions';
import { MemorySessionStore, type Session } from '../sessionStore';
import { SignedCookie } from '../signedCookie';
import { startDialectHost, type DialectHost } from './dialectHost';
import { legacyFrames, v1Frames } from './openScannerFrames';
import { OpenScannerSocket, type OpenScannerAccount, type OpenScannerCounts } from './openScannerSocket';

/** Every time is in milliseconds. Defaults are those of the real server. */
export interface OpenScannerServerOptions {
  /** Where the socket is: the path decides about the frames and about who may come. @default '/api/v1/ws/listener' */
  path?: '/ws' | '/api/ws' | '/api/admin/ws' | '/api/v1/ws/listener' | '/api/v1/ws/admin';
  /** @default 900_000 */
  accessTtlMs?: number;
  /** How long a spent refresh cookie is answered as it was the first time. 0: at once a replay. @default 30_000 */
  refreshGraceMs?: number;
  /** Live tokens of a user; one more evicts the oldest. @default 20 (5 before April 2026) */
  tokensPerUser?: number;
  /** @default 10_000 */
  authDeadlineMs?: number;
  /** From the last frame to the close behind it. @default 20 */
  partingMs?: number;
  /** How often the accounts of open sockets are looked at. @default 300_000 */
  recheckMs?: number;
  /** @default 30_000 */
  pingMs?: number;
  /** Listeners at a time; 0: any number. @default 0 */
  maxClients?: number;
}

/** How the refresh endpoint behaves from now on. It does its work first: a late or lost answer has rotated the cookie. */
export interface RefreshTrouble {
  latencyMs: number;
  /** false: the connection breaks before anything is done. */
  isReachable: boolean;
}

/** OpenScanner as its clients see it: logins, refresh cookies, capped access tokens, and one of its sockets. */
export interface OpenScannerServer extends Pick<
  DialectHost,
  'url' | 'httpUrl' | 'upgrades' | 'open' | 'reset' | 'restart' | 'close'
> {
  readonly port: number;
  readonly counts: Readonly<OpenScannerCounts>;
  /** `refreshes`, `graces`, `replays`, `familiesRevoked`, `evictions`, `liveTokens`, `requests` are counted. */
  readonly stats: Readonly<ServerStats>;
  readonly refresh: RefreshTrouble;
  /** The user's account, to be changed in place. */
  account(user: string): OpenScannerAccount;
  /** Somebody logs in from elsewhere: with a full cap the user's oldest token is evicted. */
  logInElsewhere(user: string): Promise<void>;
  /** Looks at the accounts of all open sockets now. */
  recheck(): void;
  /** Ends a user's sockets, as a changed password does. */
  disconnectUser(user: string): void;
  /** A call comes in. */
  callIn(call: Record<string, unknown>): void;
  /** Leaves the sockets open and deaf. */
  halfOpen(): void;
}

const THIRTY_DAYS_MS = 30 * 24 * 3_600_000;

/**
 * @see https://github.com/revtex/OpenScanner/tree/main/backend/internal/ws
 * @see https://github.com/revtex/OpenScanner/blob/main/backend/internal/handler/auth/auth.go
 */
export async function startOpenScannerServer(
  options: OpenScannerServerOptions = {},
): Promise<OpenScannerServer> {
  const { path = '/api/v1/ws/listener', refreshGraceMs = 30_000, tokensPerUser = 20 } = options;
  const { accessTtlMs = 900_000, authDeadlineMs = 10_000, partingMs = 20 } = options;
  const { recheckMs = 300_000, pingMs = 30_000, maxClients = 0 } = options;
  const secret = randomBytes(32).toString('hex');
  const settings = resolveSettings({
    accessTtlMs,
    refreshGraceMs,
    tokensPerUser,
    sessionTtlMs: THIRTY_DAYS_MS,
    sliding: false,
  });
  const clock = new ServerClock();
  const serverStats = emptyStats();
  const stats = () => serverStats;
  const tokens = new AccessTokens({ secret, settings, clock, stats });
  const onEnded = (session: string) => tokens.revokeTokensOf(session);
  const sessions = new Sessions({ store: new MemorySessionStore(), settings, clock, stats, onEnded });
  const cookie = new SignedCookie({ secret, name: () => 'refresh_token', path: '/api' });
  const accounts = new Map<string, OpenScannerAccount>();
  const sockets = new Set<OpenScannerSocket>();
  /** The answer that each spent cookie got: within the grace it gets the same again. */
  const answers = new Map<string, Promise<HttpAnswer>>();
  const counts: OpenScannerCounts = { welcomed: 0, expiredFrames: 0, oldTokens: 0, rejected: 0, echoes: 0 };
  const refresh: RefreshTrouble = { latencyMs: 0, isReachable: true };
  const frames = path.startsWith('/api/v1/') ? v1Frames : legacyFrames;
  const isAdmin = path.includes('admin');

  function account(user: string): OpenScannerAccount {
    const known = accounts.get(user) ?? { role: 'admin', isDisabled: false, limit: null };
    accounts.set(user, known);
    return known;
  }

  async function answerToken(session: Session): Promise<HttpAnswer> {
    const { token } = await tokens.mint(session.user, session.id);
    const user = { id: 1, username: session.user, role: account(session.user).role };
    const value = `${session.id}.${session.generation}`;
    return jsonAnswer(200, { token, user }, { 'set-cookie': cookie.write(value, THIRTY_DAYS_MS) });
  }

  async function answerRefresh(request: IncomingMessage): Promise<HttpAnswer> {
    const read = cookie.read(request.headers.cookie);
    if (read === 'none') return errorAnswer(401, 'no refresh token');
    const denial = () => errorAnswer(401, 'invalid refresh token', { 'set-cookie': cookie.clear() });
    if (read === 'forged') return denial();
    const [sessionId = '', generation = ''] = read.content.split('.');
    const result = await sessions.rotate({ sessionId, generation: Number(generation) });
    if ('denied' in result || account(result.session.user).isDisabled) return denial();
    const answer = answers.get(read.content) ?? answerToken(result.session);
    answers.set(read.content, answer);
    serverStats.refreshes += 1;
    return answer;
  }

  async function answerLogout(request: IncomingMessage): Promise<HttpAnswer> {
    const { claims } = await tokens.check((request.headers.authorization ?? '').split(' ')[1]);
    if (!claims) return errorAnswer(401, 'unauthorized');
    for (const socket of sockets) if (socket.tokenId === claims.jti) socket.end(1000);
    await sessions.end(claims.sid, 'logged-out');
    return jsonAnswer(200, { ok: true }, { 'set-cookie': cookie.clear() });
  }

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method ?? ''} ${(request.url ?? '').replace('/api/v1/', '/api/')}`;
    serverStats.requests[route] = (serverStats.requests[route] ?? 0) + 1;
    const body = await readJsonBody(request);
    switch (route) {
      case 'POST /api/auth/login': {
        const user = fieldOf(body, 'username');
        if (typeof user !== 'string') return writeAnswer(response, errorAnswer(401, 'invalid credentials'));
        account(user);
        return writeAnswer(response, await answerToken(await sessions.start(user)));
      }
      case 'POST /api/auth/refresh': {
        if (!refresh.isReachable) return void response.destroy();
        const answer = await answerRefresh(request);
        await new Promise<void>(resolve => host.timers.after(refresh.latencyMs, resolve));
        return writeAnswer(response, answer);
      }
      case 'POST /api/auth/logout':
        return writeAnswer(response, await answerLogout(request));
      default:
        return writeAnswer(response, errorAnswer(404, 'not found'));
    }
  }

  const host: DialectHost = await startDialectHost({
    path,
    onRequest: (request, response) => void onRequest(request, response).catch(() => response.destroy()),
    onSocket: raw => {
      const socket = new OpenScannerSocket(raw, {
        ...{ frames, isAdmin, tokens, timers: host.timers, counts },
        ...{ authDeadlineMs, partingMs, recheckMs, pingMs },
        accountOf: user => accounts.get(user),
        hasRoom: user => {
          const taken = [...sockets].filter(one => user === undefined || one.user === user).length;
          const most = user === undefined ? maxClients || Infinity : (account(user).limit ?? Infinity);
          return taken < most;
        },
        onWelcome: () => sockets.add(socket),
      });
      raw.once('close', () => sockets.delete(socket));
    },
  });

  return {
    url: host.url,
    httpUrl: host.httpUrl,
    port: Number(new URL(host.httpUrl).port),
    upgrades: host.upgrades,
    open: host.open,
    counts,
    stats: serverStats,
    refresh,
    account,
    logInElsewhere: async user => {
      account(user);
      await answerToken(await sessions.start(user));
    },
    recheck: () => sockets.forEach(socket => socket.recheck()),
    disconnectUser: user => sockets.forEach(socket => socket.user === user && socket.end(1000)),
    callIn: call => sockets.forEach(socket => socket.send(frames.call(call))),
    halfOpen: () => sockets.forEach(socket => socket.halfOpen()),
    reset: host.reset,
    restart: host.restart,
    close: host.close,
  };
}

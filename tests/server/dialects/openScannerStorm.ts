import { createAuthSocket, signedOut, unavailable, type GetToken } from '../../../src/core';
import { openScanner } from '../../../src/protocols/openScanner';
import { createCookieFetch } from '../cookieFetch';
import { openDiary, type DiaryLine } from '../socketDiary';
import { OpenScannerReportedClient } from './openScannerReportedClient';
import { startOpenScannerServer, type OpenScannerServerOptions } from './openScannerServer';

/**
 * A tab comes back with a token that the server has dropped meanwhile: other devices took all its places. The server
 * answers with its expired frame and a close; the refresh takes its time, or does not work for a while.
 */
export interface OpenScannerStorm {
  client: 'reported' | 'ours';
  /** How long the refresh endpoint takes. */
  refreshMs: number;
  /** So long after the first refresh that failed the endpoint cannot be reached. @default 0: it always can */
  unreachableMs?: number;
  /** How long a handshake takes. @default 40 */
  handshakeMs?: number;
  /** First wait of the reported client. @default 1_000 */
  reconnectMs?: number;
  /** The reported client as it was before #31. @default false */
  closesEverySocket?: boolean;
  /** Told when it is over: nothing happened for so long. */
  quietMs: number;
  server?: OpenScannerServerOptions;
}

export interface OpenScannerStormReport {
  readonly timeline: readonly DiaryLine[];
  readonly sockets: number;
  /** Requests to the refresh endpoint that reached the server. */
  readonly refreshes: number;
  /** Tokens that were presented after the server had turned them down. */
  readonly oldTokens: number;
  readonly closedWhileConnecting: number;
  readonly familiesRevoked: number;
  readonly signOuts: number;
  readonly isOpen: boolean;
}

const CAP = 5;

export async function playOpenScannerStorm(storm: OpenScannerStorm): Promise<OpenScannerStormReport> {
  const { refreshMs, unreachableMs = 0, handshakeMs = 40, reconnectMs = 1_000 } = storm;
  const server = await startOpenScannerServer({ tokensPerUser: CAP, partingMs: 5, ...storm.server });
  const browser = createCookieFetch();
  const first = await readToken(
    await browser(`${server.httpUrl}/api/auth/login`, { method: 'POST', body: '{"username":"ada"}' }),
  );
  for (let device = 0; device < CAP; device++) await server.logInElsewhere('ada');
  server.refresh.latencyMs = refreshMs;
  server.refresh.isReachable = unreachableMs === 0;

  let refreshes = 0;
  let underWay = 0;
  let signOuts = 0;
  const diary = openDiary({
    handshakeMs,
    sent: text => {
      if (!text.startsWith('["') || text.startsWith('["LFM"')) return null;
      return text.includes(first) ? 'presents the old token' : 'presents a new token';
    },
    received: text => (/XPR|session\.expired/.test(text) ? 'the server says "session expired"' : null),
  });
  let healing: NodeJS.Timeout | undefined;
  const heal = () => {
    diary.note('the network is back');
    server.refresh.isReachable = true;
  };
  const refresh = async () => {
    const name = `refresh ${++refreshes}`;
    underWay += 1;
    diary.note(`${name} is sent`);
    try {
      const answer = await browser(`${server.httpUrl}/api/auth/refresh`, { method: 'POST' });
      diary.note(answer.ok ? `${name} brings a new token` : `${name} is answered with ${answer.status}`);
      return answer;
    } catch (error) {
      diary.note(`${name} fails: the network is away`);
      healing ??= setTimeout(heal, unreachableMs);
      throw error;
    } finally {
      underWay -= 1;
    }
  };
  const onSignedOut = () => {
    signOuts += 1;
    diary.note('THE USER IS SIGNED OUT');
  };
  // By its name: a handshake there can be slow.
  const url = server.url.replace('127.0.0.1', 'localhost');
  const { WebSocket } = diary;
  const start = { reported: startReported, ours: startOurs }[storm.client];
  const client = start();
  try {
    const isBusy = () => underWay > 0 || !server.refresh.isReachable;
    await quiet(() => (isBusy() ? null : diary.lines.length), storm.quietMs);
    return {
      timeline: [...diary.lines],
      sockets: diary.sockets,
      refreshes,
      oldTokens: server.counts.oldTokens,
      closedWhileConnecting: diary.closedWhileConnecting,
      familiesRevoked: server.stats.familiesRevoked,
      signOuts,
      isOpen: client.isOpen(),
    };
  } finally {
    clearTimeout(healing);
    client.end();
    await server.close();
  }

  function startReported() {
    const reported = new OpenScannerReportedClient({
      ...{ url, WebSocket, reconnectMs, onSignedOut },
      closesEverySocket: storm.closesEverySocket ?? false,
      token: first,
      refresh: async () => {
        const answer = await refresh();
        if (!answer.ok) throw new Error('The refresh was refused.');
        return readToken(answer);
      },
    });
    reported.connect();
    return { isOpen: () => reported.isOpen, end: () => reported.disconnect() };
  }

  function startOurs() {
    const getToken: GetToken = async ({ attempt, reason }) => {
      if (attempt === 1 && reason === 'initial') return first;
      const answer = await refresh();
      if (answer.status === 401) return signedOut();
      return answer.ok ? readToken(answer) : unavailable();
    };
    const socket = createAuthSocket({
      url,
      getToken,
      protocol: openScanner(),
      platform: { WebSocket },
      onSessionExpired: onSignedOut,
    });
    socket.connect();
    return { isOpen: () => socket.getStatus().link === 'open', end: () => socket.destroy() };
  }
}

async function readToken(answer: Response): Promise<string> {
  return ((await answer.json()) as { token: string }).token;
}

/** Resolves when the count has stood still for so long. null: something is under way. */
async function quiet(count: () => number | null, quietMs: number): Promise<void> {
  let seen = count();
  let sinceMs = performance.now();
  while (performance.now() - sinceMs < quietMs) {
    await new Promise(resolve => setTimeout(resolve, 10));
    const counted = count();
    if (counted === null || counted !== seen) sinceMs = performance.now();
    seen = counted;
  }
}

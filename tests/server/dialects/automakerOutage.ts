import { WebSocket } from 'ws';
import { createAuthSocket, type Platform, type TraceEvent } from '../../../src/core';
import { automaker } from '../../../src/protocols/automaker';
import { seededRandom } from '../../../src/testing/seededRandom';
import { fastClock } from '../fastClock';
import type { FaultKind } from '../faultInjector';
import { AutomakerReportedClient } from './automakerReportedClient';
import { startAutomakerServer, type AutomakerServer, type AutomakerStats } from './automakerServer';
import { signInAtAutomaker, type AutomakerVisitor } from './automakerVisitor';

/** Seven bad seconds at the ticket endpoint while the socket is lost: what automaker's users lived through. */
export interface AutomakerOutage {
  client: 'reported' | 'ours';
  /** What the ticket endpoint answers from 1 s to 8 s. @default '403-html' */
  kind?: FaultKind;
  /** How long a second of the story takes, in ms. The order of events stays. */
  secondMs: number;
  /** It ends two seconds after the socket is open again, or then. @default 40 */
  endsAtS?: number;
}

export interface AutomakerOutageReport {
  /** In order; `at` in seconds of the story. */
  readonly steps: readonly { at: number; who: 'network' | 'client'; what: string }[];
  readonly stats: AutomakerStats;
  /** Is the 30-day session still good at the end? */
  readonly isSessionAlive: boolean;
  /** Times that the user was shown a login page. */
  readonly signOuts: number;
  /** When the socket was open again, in seconds of the story; null: not within the story. */
  readonly openAgainAt: number | null;
}

const TICKETS = '/api/auth/token';

/** One of the two clients, as far as the story needs it. */
interface Player {
  readonly signOuts: number;
  end(): void;
}

type Tell = (what: string) => void;

export async function playAutomakerOutage(outage: AutomakerOutage): Promise<AutomakerOutageReport> {
  const { client, kind = '403-html', secondMs, endsAtS = 40 } = outage;
  const server = await startAutomakerServer();
  const steps: { at: number; who: 'network' | 'client'; what: string }[] = [];
  let start = performance.now();
  const storyS = () => (performance.now() - start) / secondMs;
  const until = async (isTime: () => boolean) => {
    while (!isTime()) await new Promise(resolve => setTimeout(resolve, 2));
  };
  const teller =
    (who: 'network' | 'client'): Tell =>
    what =>
      steps.push({ at: storyS(), who, what });
  const tell = teller('network');
  const opened = () => steps.filter(({ what }) => what === 'open');
  const asked = () => server.stats.requests[`GET ${TICKETS}`] ?? 0;
  try {
    const visitor = await signInAtAutomaker(server);
    const player = (client === 'ours' ? playOurs : playReported)(server, visitor, secondMs, teller('client'));
    await until(() => opened().length > 0);
    start = performance.now();
    for (const step of steps) step.at = 0;
    await until(() => storyS() >= 1);
    server.faults.set(TICKETS, { kind });
    tell(`something in the way answers for the ticket endpoint: ${kind}`);
    await until(() => storyS() >= 1.5);
    tell('the proxy drops the socket');
    const askedBefore = asked();
    server.reset();
    // However slow this machine is: the client meets the fault before it is over.
    await until(() => storyS() >= 8 && asked() > askedBefore);
    server.faults.clear();
    tell('all is well again');
    await until(() => storyS() >= Math.min(endsAtS, (opened()[1]?.at ?? Infinity) + 2));
    player.end();
    return {
      steps,
      stats: structuredClone(server.stats),
      isSessionAlive: server.hasSession(visitor.session),
      signOuts: player.signOuts,
      openAgainAt: opened()[1]?.at ?? null,
    };
  } finally {
    await server.close();
  }
}

function playReported(
  server: AutomakerServer,
  visitor: AutomakerVisitor,
  secondMs: number,
  tell: Tell,
): Player {
  const client = new AutomakerReportedClient({
    serverUrl: server.httpUrl,
    fetch: visitor.fetch,
    reconnectMs: 5 * secondMs,
    onStep: tell,
  });
  void client.connect();
  return {
    get signOuts() {
      return client.loggedOut;
    },
    end: () => client.destroy(),
  };
}

function playOurs(server: AutomakerServer, visitor: AutomakerVisitor, secondMs: number, tell: Tell): Player {
  let signOuts = 0;
  const socket = createAuthSocket({
    url: server.url,
    protocol: automaker({ getTicket: visitor.getTicket }),
    platform: {
      WebSocket: WebSocket as unknown as Platform['WebSocket'],
      clock: fastClock(1000 / secondMs),
      random: seededRandom(350),
    },
    // Deadlines that a busy machine does not meet.
    timeouts: { tokenMs: 60_000, dialMs: 60_000 },
    onSessionExpired: () => (signOuts += 1),
    onTrace(event) {
      const step = stepOf(event);
      if (step) tell(step);
    },
  });
  socket.connect();
  return {
    get signOuts() {
      return signOuts;
    },
    end: () => socket.destroy(),
  };
}

/** What a fact of the trace is to somebody who reads the story. */
function stepOf(event: TraceEvent): string | null {
  switch (event.type) {
    case 'link.opened':
      return 'open';
    case 'socket.closed':
      return `closed with ${event.code}, waits`;
    case 'dial.started':
      return 'asks for a ticket';
    case 'dial.unavailable':
      return 'no ticket, so nothing is dialled; waits longer';
    case 'dial.denied':
      return 'the endpoint says the session is over; asks once more';
    case 'session.changed':
      return `session: ${event.to}`;
    default:
      return null;
  }
}

/** The story in lines, repetitions of the end left out. */
export function automakerOutageTable({ steps }: AutomakerOutageReport, most = 24): string {
  const lines = steps.map(
    ({ at, who, what }) => `  ${at.toFixed(1).padStart(5)} s  ${who.padEnd(8)} ${what}`,
  );
  const rest = lines.length - most;
  return [...lines.slice(0, most), ...(rest > 0 ? [`           … and ${rest} more of the same`] : [])].join(
    '\n',
  );
}

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { ChaosLane, type LaneRules } from './chaosLane';
import { resetSocket } from './resetSocket';

/** 'upOnly': what the client sends arrives, nothing comes back. 'downOnly': the other way round. */
export type ChaosMode = 'pass' | 'blackhole' | 'upOnly' | 'downOnly';

/** How bad the network is. */
export interface ChaosRules {
  /**
   * Which directions flow. What is held back, ends and resets included, arrives in order when its direction flows
   * again, as TCP would repeat it. @default 'pass'
   */
  mode: ChaosMode;
  /** One-way delay. @default 0 */
  latencyMs: number;
  /** Each chunk's delay differs from `latencyMs` by up to this much; order is kept. @default 0 */
  jitterMs: number;
  /** Largest piece that travels at once; 1 slices everything to bytes. 0: no slicing. @default 0 */
  sliceBytes: number;
  /** Per connection and direction. 0: no limit. @default 0 */
  bytesPerSecond: number;
  /** Resets new connections at once. @default false */
  resetOnAccept: boolean;
  /** Takes new connections and never answers them, not even when this is turned off again. @default false */
  hangHandshake: boolean;
}

/** A TCP proxy on 127.0.0.1 that misbehaves on demand. */
export interface ChaosProxy {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** `ws://127.0.0.1:<port>/ws` */
  readonly wsUrl: string;
  readonly rules: Readonly<ChaosRules>;
  readonly stats: Readonly<{
    accepted: number;
    reset: number;
    hung: number;
    bytesUp: number;
    bytesDown: number;
  }>;
  /** Connections that exist now. */
  readonly openCount: number;
  /** Changes rules for old and new connections; what is not named stays. */
  set(rules: Partial<ChaosRules>): void;
  /** Back to a good network; held bytes leave. */
  heal(): void;
  /** Ends every connection with a reset on both sides. */
  rst(): void;
  /** Ends every connection plainly, without a WebSocket close frame. */
  fin(): void;
  /** Ends the client's side only; the server's stays open. */
  half(): void;
  /** Destroys every connection and gives the port up: dials are refused. */
  stop(): Promise<void>;
  /** Listens on the same port again. */
  restart(): Promise<void>;
  /** Ends everything. Idempotent. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const goodNetwork: Readonly<ChaosRules> = {
  mode: 'pass',
  latencyMs: 0,
  jitterMs: 0,
  sliceBytes: 0,
  bytesPerSecond: 0,
  resetOnAccept: false,
  hangHandshake: false,
};

interface Pair {
  client: Socket;
  upstream: Socket | null;
  lanes: readonly ChaosLane[];
}

/** Starts a proxy in front of a port on 127.0.0.1. `random` spreads the jitter. */
export async function startChaosProxy(
  targetPort: number,
  { port = 0, random = Math.random }: { port?: number; random?: () => number } = {},
): Promise<ChaosProxy> {
  let rules: ChaosRules = { ...goodNetwork };
  const stats = { accepted: 0, reset: 0, hung: 0, bytesUp: 0, bytesDown: 0 };
  const pairs = new Set<Pair>();

  const laneRules = (direction: 'up' | 'down'): LaneRules => ({
    ...rules,
    isFlowing: rules.mode === 'pass' || rules.mode === `${direction}Only`,
  });

  const server = createServer({ allowHalfOpen: true, noDelay: true }, client => {
    client.on('error', () => {});
    if (rules.resetOnAccept) {
      stats.reset += 1;
      resetSocket(client);
      return;
    }
    stats.accepted += 1;
    if (rules.hangHandshake) {
      stats.hung += 1;
      const hung: Pair = { client, upstream: null, lanes: [] };
      pairs.add(hung);
      client.once('end', () => client.destroy());
      client.once('close', () => pairs.delete(hung));
      client.resume();
      return;
    }
    const upstream = connect({ port: targetPort, host: HOST, allowHalfOpen: true, noDelay: true });
    upstream.on('error', () => {});
    const up = new ChaosLane(client, upstream, random, bytes => (stats.bytesUp += bytes));
    const down = new ChaosLane(upstream, client, random, bytes => (stats.bytesDown += bytes));
    up.follow(laneRules('up'));
    down.follow(laneRules('down'));
    const pair: Pair = { client, upstream, lanes: [up, down] };
    pairs.add(pair);
    const forget = () => {
      if (client.destroyed && upstream.destroyed) pairs.delete(pair);
    };
    client.once('close', forget);
    upstream.once('close', forget);
  });

  const applyRules = () => {
    for (const { lanes } of pairs) {
      lanes[0]?.follow(laneRules('up'));
      lanes[1]?.follow(laneRules('down'));
    }
  };
  const endAll = (end: (pair: Pair) => void) => {
    for (const pair of pairs) {
      for (const lane of pair.lanes) lane.stop();
      end(pair);
    }
  };
  const listen = (on: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(on, HOST, () => {
        server.off('error', reject);
        resolve();
      });
    });
  const stop = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve());
      endAll(({ client, upstream }) => {
        client.destroy();
        upstream?.destroy();
      });
    });

  await listen(port);
  const ownPort = (server.address() as AddressInfo).port;
  return {
    port: ownPort,
    url: `http://${HOST}:${ownPort}`,
    wsUrl: `ws://${HOST}:${ownPort}/ws`,
    get rules() {
      return rules;
    },
    stats,
    get openCount() {
      return pairs.size;
    },
    set: changes => {
      rules = { ...rules, ...changes };
      applyRules();
    },
    heal: () => {
      rules = { ...goodNetwork };
      applyRules();
    },
    rst: () =>
      endAll(({ client, upstream }) => {
        resetSocket(client);
        if (upstream) resetSocket(upstream);
      }),
    fin: () =>
      endAll(({ client, upstream }) => {
        client.end();
        client.resume();
        client.once('end', () => client.destroy());
        upstream?.destroy();
      }),
    half: () => {
      for (const { client, lanes } of pairs) {
        lanes[1]?.stop();
        client.end();
      }
    },
    stop,
    restart: () => listen(ownPort),
    close: stop,
  };
}

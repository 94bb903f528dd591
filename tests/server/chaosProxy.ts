import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { ChaosPair } from './chaosPair';
import { goodNetwork, type ChaosRules } from './chaosRules';
import { resetSocket } from './resetSocket';

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
    idleCut: number;
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

/** Starts a proxy in front of a port on 127.0.0.1. `random` spreads the jitter. */
export async function startChaosProxy(
  targetPort: number,
  { port = 0, random = Math.random }: { port?: number; random?: () => number } = {},
): Promise<ChaosProxy> {
  let rules: ChaosRules = { ...goodNetwork };
  const stats = { accepted: 0, reset: 0, hung: 0, idleCut: 0, bytesUp: 0, bytesDown: 0 };
  const pairs = new Set<ChaosPair>();
  /** Connections whose handshake hangs. */
  const hung = new Set<Socket>();

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
      hung.add(client);
      client.once('end', () => client.destroy());
      client.once('close', () => hung.delete(client));
      client.resume();
      return;
    }
    const upstream = connect({ port: targetPort, host: HOST, allowHalfOpen: true, noDelay: true });
    upstream.on('error', () => {});
    const pair = new ChaosPair({
      client,
      upstream,
      random,
      onBytes: (direction, count) => (stats[direction === 'up' ? 'bytesUp' : 'bytesDown'] += count),
      onIdle: () => (stats.idleCut += 1),
    });
    pair.follow(rules);
    pairs.add(pair);
    const forget = () => {
      if (!client.destroyed || !upstream.destroyed) return;
      pair.destroy();
      pairs.delete(pair);
    };
    client.once('close', forget);
    upstream.once('close', forget);
  });

  const follow = (next: ChaosRules) => {
    rules = next;
    for (const pair of pairs) pair.follow(rules);
  };
  const rst = () => {
    for (const pair of pairs) pair.reset();
    for (const client of hung) resetSocket(client);
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
      for (const pair of pairs) pair.destroy();
      for (const client of hung) client.destroy();
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
      return pairs.size + hung.size;
    },
    set: changes => follow({ ...rules, ...changes }),
    heal: () => follow({ ...goodNetwork }),
    rst,
    fin: () => {
      for (const pair of pairs) pair.finish();
      for (const client of hung) {
        client.end();
        client.resume();
      }
    },
    half: () => {
      for (const pair of pairs) pair.half();
      for (const client of hung) client.end();
    },
    stop,
    restart: () => listen(ownPort),
    close: stop,
  };
}

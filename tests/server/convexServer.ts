import { version } from 'convex';
import { ConvexWorker, type ConvexConnection, type Deployment } from './convexWorker';
import { startDialectHost, type DialectHost } from './dialects/dialectHost';

/**
 * As much of a Convex deployment as its client needs to be signed in and to watch a query: `Connect`, `Authenticate`,
 * `ModifyQuerySet`, `Mutation` in; `Transition`, `MutationResponse`, `AuthError`, `Ping` out.
 *
 * Every query has the same result: who asks, and all that was ever said to the server.
 *
 * @see https://github.com/get-convex/convex-js/blob/main/src/browser/sync/protocol.ts the frames
 * @see https://github.com/get-convex/convex-backend/blob/main/crates/sync/src/worker.rs when they are sent
 * @see https://github.com/get-convex/convex-backend/blob/main/crates/local_backend/src/subs/mod.rs how an error ends a socket
 */
export interface ConvexServer {
  /** `http://127.0.0.1:<port>`, for `new ConvexReactClient(url)`. */
  readonly url: string;
  readonly port: number;
  /** Every connection so far, oldest first. */
  readonly connections: readonly ConvexConnection[];
  /** Tokens that were presented, in order, on all connections. */
  readonly presented: readonly string[];
  /** Does not accept this token any more, and says so on the sockets that stand on it. */
  refuse(token: string): void;
  /** Says something: every query has a new result. */
  say(text: string): void;
  /** Cuts every connection and refuses the port for so long. */
  restart(forMs: number): void;
  close(): Promise<void>;
}

export interface ConvexServerOptions {
  /** An answer that is asked for this often, in ms, as the data of a busy application change. @default never */
  speakEveryMs?: number;
  /** @default 15_000 */
  pingMs?: number;
  /** The clock that tokens are judged by, epoch ms. @default Date.now */
  now?: () => number;
}

export async function startConvexServer(options: ConvexServerOptions = {}): Promise<ConvexServer> {
  const { speakEveryMs, pingMs = 15_000, now = Date.now } = options;
  const workers = new Set<ConvexWorker>();
  const connections: ConvexConnection[] = [];
  const presented: string[] = [];
  const refused = new Set<string>();
  const said: string[] = [];
  let timestamp = 1n;

  const deployment: Deployment = {
    now,
    refused,
    said,
    presented,
    nextTimestamp: () => (timestamp += 1n),
    say(text) {
      said.push(text);
      for (const worker of workers) worker.schedule();
    },
  };

  const host: DialectHost = await startDialectHost({
    path: `/api/${version}/sync`,
    onSocket(socket) {
      const worker = new ConvexWorker(socket, deployment);
      workers.add(worker);
      connections.push(worker.record);
      const ping = setInterval(() => worker.ping(), pingMs);
      socket.once('close', () => {
        clearInterval(ping);
        workers.delete(worker);
      });
    },
  });
  const speaker =
    speakEveryMs === undefined
      ? undefined
      : setInterval(() => deployment.say(`at ${new Date(now()).toISOString()}`), speakEveryMs);

  return {
    url: host.httpUrl,
    port: Number(new URL(host.httpUrl).port),
    connections,
    presented,
    refuse(token) {
      refused.add(token);
      for (const worker of workers) worker.schedule();
    },
    say: deployment.say,
    restart: host.restart,
    close() {
      clearInterval(speaker);
      return host.close();
    },
  };
}

import { startChaosProxy } from '../../tests/server/chaosProxy';
import { startReferenceServer } from '../../tests/server/referenceServer';
import { buildApp, type AppFiles } from './buildApp';
import { demoTimes } from './demoTimes';
import { createGateway } from './gateway';
import { createTroubles } from './troubles';
import { user } from './user';

export interface Demo {
  readonly url: string;
  /** Ends everything it started. */
  close(): Promise<void>;
}

/** Somebody who lets the laptop sleep a few times in a row is still signed in. */
const SESSION_LIFE_MS = 30 * 24 * 3_600_000;

/** page -> gateway -> network that can be broken -> reference server. The first free one of `ports` is taken. */
export async function startDemo(
  ports: readonly number[],
  mode?: 'development' | 'production',
): Promise<Demo> {
  let files: AppFiles = new Map();
  const server = await startReferenceServer({
    accessTtlMs: demoTimes.tokenLifeMs,
    sessionTtlMs: SESSION_LIFE_MS,
    // A refresh whose answer was lost to a broken network may be repeated this late.
    refreshGraceMs: 30_000,
  });
  const network = await startChaosProxy(server.port);
  const troubles = createTroubles(server, network, user.id);
  const gateway = createGateway({ files: () => files, backendPort: network.port, troubles });
  const close = async () => {
    troubles.close();
    await gateway.close();
    await network.close();
    await server.close();
  };
  try {
    // A port that is taken is told before the page is built.
    const port = await listenOnFirst(ports, gateway.listen);
    files = await buildApp(mode);
    return { url: `http://127.0.0.1:${port}/`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listenOnFirst(
  [port = 0, ...others]: readonly number[],
  listen: (port: number) => Promise<number>,
): Promise<number> {
  try {
    return await listen(port);
  } catch (error) {
    if (others.length === 0) throw error;
    return listenOnFirst(others, listen);
  }
}

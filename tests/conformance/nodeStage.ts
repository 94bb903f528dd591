import { setTimeout as delay } from 'node:timers/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { startRawPeer } from './rawPeer';
import { createScriptClient } from './scriptClient';
import type { Stage } from './stage';

/** A stage in Node: a class given the address of a page, and a peer that speaks the protocol by hand. */
export async function openNodeStage(
  socketOf: (pageUrl: string) => unknown,
  limitMs = 10_000,
): Promise<Stage> {
  const peer = await startRawPeer();
  // The page's own address: it takes connections and answers nobody.
  const hung = new Set<Socket>();
  const page = createServer(socket => hung.add(socket.on('error', () => {}).resume()));
  await new Promise<void>(resolve => page.listen(0, '127.0.0.1', resolve));
  const pageUrl = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`;
  const script = createScriptClient(socketOf(pageUrl) as typeof WebSocket);
  return {
    peer,
    client: {
      run: async (...commands) => script.run(commands),
      async until(start) {
        for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 5) {
          if (script.log.some(line => line.startsWith(start))) return;
          await delay(5);
        }
        throw new Error(`"${start}" never came. ${script.log.join(' | ')}`);
      },
      pause: ms => delay(ms),
      forbidDials: () => Promise.reject(new Error('There is no policy in Node.')),
      log: async () => [...script.log],
    },
    async close() {
      await peer.stop();
      for (const socket of hung) socket.destroy();
      await new Promise(resolve => page.close(resolve));
    },
  };
}

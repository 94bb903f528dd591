import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createAuthSocket, type AuthSocket, type Platform } from '../../src/core';
import { seededRandom } from '../../src/testing/seededRandom';
import { startChaosProxy, type ChaosProxy } from '../server/chaosProxy';
import { startReferenceServer } from '../server/referenceServer';

const HOST_CONSTRUCTOR = WebSocket as unknown as Platform['WebSocket'];
const BATCHES = 50;
const CLIENTS_PER_BATCH = 20;

async function eventually(isReached: () => boolean, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!isReached() && Date.now() < end) await new Promise(resolve => setTimeout(resolve, 5));
  expect(isReached()).toBe(true);
}

/** Sockets and timers that keep this process alive. */
function handles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** What may happen to twenty links at once. */
const toxics: readonly ((proxy: ChaosProxy, sockets: readonly AuthSocket[]) => void | Promise<void>)[] = [
  proxy => proxy.rst(),
  proxy => proxy.fin(),
  proxy => proxy.half(),
  proxy => proxy.set({ mode: 'blackhole' }),
  proxy => proxy.set({ latencyMs: 5, jitterMs: 5, sliceBytes: 3 }),
  proxy => proxy.set({ resetOnAccept: true }),
  (_proxy, sockets) => sockets.forEach(socket => socket.disconnect()),
  (proxy, sockets) => {
    proxy.rst();
    sockets.forEach(socket => socket.reconnect());
  },
  (proxy, sockets) => {
    proxy.set({ hangHandshake: true });
    proxy.rst();
    sockets.forEach(socket => socket.reconnect());
  },
  (_proxy, sockets) => Promise.all(sockets.map(socket => socket.signOut())).then(() => {}),
];

it(`Z02 ${BATCHES * CLIENTS_PER_BATCH} lives with random trouble leave no socket and no timer behind`, async () => {
  const server = await startReferenceServer({ streamIntervalMs: 0, expiringSoonMs: 0 });
  const proxy = await startChaosProxy(server.port);
  const random = seededRandom(20);
  const { token } = await server.issueToken('ada');
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  const baseline = handles();
  try {
    for (let batch = 0; batch < BATCHES; batch++) {
      const sockets = Array.from({ length: CLIENTS_PER_BATCH }, () =>
        createAuthSocket({
          url: proxy.wsUrl,
          getToken: () => token,
          platform: { WebSocket: HOST_CONSTRUCTOR, page: null, tabs: null, lock: null },
          timeouts: { dialMs: 300, tokenMs: 300, readyMs: 300 },
        }),
      );
      for (const socket of sockets) socket.connect();
      await eventually(() => sockets.every(socket => socket.getStatus().link === 'open'));
      await toxics[Math.floor(random() * toxics.length)]!(proxy, sockets);
      await new Promise(resolve => setTimeout(resolve, random() * 30));
      for (const socket of sockets) socket.destroy();
      proxy.heal();
    }
    // A dial that was abandoned while CONNECTING is closed at its own deadline.
    await eventually(() => server.stats().sockets.open === 0 && proxy.openCount === 0);
    await eventually(
      () =>
        (handles().TCPSocketWrap ?? 0) <= (baseline.TCPSocketWrap ?? 0) &&
        (handles().Timeout ?? 0) <= (baseline.Timeout ?? 0) + 1,
    );
    expect(unhandled).toEqual([]);
    expect(server.stats().upgrades).toBeGreaterThanOrEqual(BATCHES * CLIENTS_PER_BATCH);
  } finally {
    process.off('unhandledRejection', note);
    await proxy.close();
    await server.close();
  }
});

import { createAuthSocket } from '../../src/core';
import { createTestWorld } from '../../src/testing';

const hourMs = 3_600_000;
/** Longer than the 5 s after which a link counts as stable. */
const stableMs = 10_000;
const stepMs = 5;

/** On a stubbed clock: how long each drop of a stable link kept messages away, in ms. */
export async function stubbedDrops(drops: number): Promise<number[]> {
  const world = createTestWorld({ tokenLifetimeMs: hourMs });
  const socket = createAuthSocket({
    url: '/ws',
    getToken: world.tokens.source,
    platform: world.platform,
  });
  const heardAt: number[] = [];
  socket.onMessage(() => void heardAt.push(world.clock.now()));
  socket.connect();
  const gaps: number[] = [];
  for (let drop = 0; drop < drops; drop++) {
    await world.clock.advance(stableMs);
    const droppedAt = world.clock.now();
    heardAt.length = 0;
    world.server.last.drop();
    while (heardAt[0] === undefined) {
      await world.clock.advance(stepMs);
      if (socket.getStatus().link === 'open') world.server.last.send({ type: 'tick' });
    }
    gaps.push(heardAt[0] - droppedAt);
  }
  socket.destroy();
  world.dispose();
  return gaps;
}

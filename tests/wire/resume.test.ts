import { expect, it, onTestFinished } from 'vitest';
import { seededRandom } from '../../src/testing/seededRandom';
import { startReferenceServer, type ReferenceServer } from '../server/referenceServer';
import type { ConnectionRecord } from '../server/serverStats';
import { signInOverWire, type WireClient } from '../server/wireClient';

/** A client may dial twenty times a minute: many clients have few accidents each, all at once. */
const CLIENTS = 10;
const ACCIDENTS_EACH = 5;

/** What comes between a page and its server; each ends with another link. */
const accidents: Readonly<Record<string, (server: ReferenceServer, client: WireClient) => unknown>> = {
  'a TCP reset': server => server.control({ command: 'reset' }),
  'a plain end': server => server.control({ command: 'drop' }),
  'a restart': server => server.control({ command: 'restart', forMs: 150, retryAfterS: 0.2 }),
  'a crash': server => server.control({ command: 'kill', forMs: 150 }),
  'a server that is leaving': server => server.control({ command: 'goingAway', retryAfterS: 0.1, code: 0 }),
  'a server that left': server => server.control({ command: 'goingAway', retryAfterS: 0.1 }),
  'a dead cable': server => server.control({ command: 'halfOpen' }),
  'a replacement': (_server, { socket }) => socket.reconnect(),
  'an expired token': server => server.control({ command: 'expireNow' }),
  'a token that is never acknowledged': async (server, { socket }) => {
    server.faults.setSocket({ dropAcks: 2 });
    await socket.getToken({ forceRefresh: true });
  },
};

const isAlive = ({ closedAt, halfOpen }: ConnectionRecord) => closedAt === null && !halfOpen;

interface Page extends WireClient {
  /** The ticks, in the order in which the page got them. */
  readonly seen: readonly number[];
}

/** What a page does that wants every message: it remembers the last one, and says on each link where to go on. */
async function openPage(server: ReferenceServer): Promise<Page> {
  const seen: number[] = [];
  const client = await signInOverWire(server, {
    heartbeat: { intervalMs: 300, timeoutMs: 300 },
    reconnect: { minMs: 100, stableAfterMs: 0 },
    timeouts: { ackMs: 200 },
  });
  onTestFinished(() => client.socket.destroy());
  client.socket.onOpen(({ send }) => send({ type: 'resume', from: (seen.at(-1) ?? 0) + 1 }));
  client.socket.onMessage(message => seen.push((message as { seq: number }).seq), { topic: 'tick' });
  client.socket.connect();
  await client.until(({ link }) => link === 'open');
  return { ...client, seen };
}

async function live(seed: number): Promise<{ page: Page; server: ReferenceServer; drawn: string[] }> {
  const random = seededRandom(seed);
  const names = Object.keys(accidents);
  const server = await startReferenceServer({
    streamIntervalMs: 10,
    streamHistory: 100_000,
    // However busy this machine is, no tick overtakes the answer to `resume`.
    resumeWindowMs: 5_000,
  });
  onTestFinished(() => server.close());
  const page = await openPage(server);
  const drawn: string[] = [];
  while (drawn.length < ACCIDENTS_EACH) {
    // Sometimes in the middle of what the page has to catch up with, sometimes long after.
    await new Promise(resolve => setTimeout(resolve, random() * 250));
    const name = names[Math.floor(random() * names.length)]!;
    drawn.push(name);
    const { connection } = page.socket.getStatus();
    await accidents[name]!(server, page);
    await page.until(status => status.link === 'open' && status.connection > connection);
    // What was replaced before it was lost is gone, too; a dead cable is never noticed over there.
    await server.waitFor(({ connections }) => connections.filter(isAlive).length === 1);
  }
  const { ticks } = server.stats().stream;
  await expect.poll(() => page.seen.at(-1), { timeout: 5_000 }).toBeGreaterThan(ticks);
  return { page, server, drawn };
}

it(`a page that says where to go on misses and doubles nothing, over ${CLIENTS * ACCIDENTS_EACH} accidents`, async () => {
  const lives = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => live(index + 1)));
  for (const { page, server, drawn } of lives) {
    const all = Array.from(page.seen, (_, index) => index + 1);
    expect(page.seen, drawn.join(', ')).toEqual(all);
    expect(server.stats().stream.missed).toBe(0);
    expect(page.ends).toEqual([]);
  }
  expect(new Set(lives.flatMap(({ drawn }) => drawn))).toEqual(new Set(Object.keys(accidents)));
});

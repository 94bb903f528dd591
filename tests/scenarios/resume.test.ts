import { expect, it } from 'vitest';
import type { TestConnection, TestWorld } from '../../src/testing';
import { seededRandom } from '../../src/testing/seededRandom';
import { clientInWorld } from './clientInWorld';

const TICK_MS = 250;
const ACCIDENTS = 50;
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

/** A numbered stream on the server of a test world: each link gets it from where its `resume` says. */
function numberedStream({ server }: TestWorld) {
  const begunAt = server.now();
  const cursors = new Map<TestConnection, { next: number; read: number }>();
  let last = 0;
  return {
    get last() {
      return last;
    },
    /** Sends what is due by now. */
    flow(): void {
      last = Math.floor((server.now() - begunAt) / TICK_MS);
      for (const connection of server.connections) {
        if (!connection.isOpen) {
          cursors.delete(connection);
          continue;
        }
        const { received } = connection;
        const cursor = cursors.get(connection) ?? { next: Infinity, read: 0 };
        cursors.set(connection, cursor);
        for (; cursor.read < received.length; cursor.read++) {
          const frame = received[cursor.read] as { type?: unknown; from?: unknown };
          if (frame.type === 'resume') cursor.next = frame.from as number;
        }
        for (; cursor.next <= last; cursor.next++) connection.send({ type: 'tick', seq: cursor.next });
      }
    },
  };
}

it.each(SEEDS)('seed %i: a page that says where to go on misses and doubles nothing', async seed => {
  const random = seededRandom(seed);
  const between = (least: number, most: number) => least + random() * (most - least);
  const client = clientInWorld({}, { seed, tokenLifetimeMs: between(60_000, 600_000) });
  const { world, socket } = client;
  const { clock, page, server, tokens } = world;
  const stream = numberedStream(world);
  const seen: number[] = [];
  socket.onOpen(({ send }) => send({ type: 'resume', from: (seen.at(-1) ?? 0) + 1 }));
  socket.onMessage((message: { seq: number }) => seen.push(message.seq), { topic: 'tick' });

  /** Time passes in small steps of all lengths, so that ticks fall between any two things that happen. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0;) {
      const step = Math.min(left, between(1, 400));
      left -= step;
      await clock.advance(step);
      stream.flow();
    }
  };
  const during = async (begin: () => void, ms: number, end: () => void) => {
    begin();
    await pass(ms);
    end();
  };
  const last = () => server.connections.at(-1);
  const accidents: readonly (() => unknown)[] = [
    () => last()?.drop(),
    () => last()?.close(1012),
    () => last()?.close(1001),
    () => last()?.close(1006),
    () => last()?.close(1008, '{"code":"token_expired"}'),
    () => last()?.halfOpen(),
    () => last()?.sendInvalid(),
    () => last()?.send({ type: 'going_away', retry_after: between(0, 2) }),
    () => last()?.send({ type: 'auth_expiring_soon', expires_in: 60 }),
    () => socket.reconnect(),
    () => {
      socket.reconnect();
      last()?.drop();
    },
    () => {
      socket.disconnect();
      socket.connect();
    },
    () => during(server.refuse, between(0, 8_000), server.accept),
    () => during(server.hang, between(0, 8_000), server.accept),
    () => during(page.hide, between(0, 60_000), page.show),
    () => during(page.offline, between(0, 20_000), page.online),
    () => during(page.freeze, between(0, 20_000), page.resume),
    () =>
      during(
        () => page.pagehide({ persisted: true }),
        between(0, 20_000),
        () => page.pageshow({ persisted: true }),
      ),
    () => clock.sleep(between(0, 3_600_000)),
    () => clock.stall(between(0, 60_000)),
    () => tokens.fail(2),
    () => socket.getToken({ forceRefresh: true }).catch(() => {}),
  ];

  socket.connect();
  for (let count = 0; count < ACCIDENTS; count++) {
    // Every other time while the page is still busy with the one before.
    await pass(random() < 0.5 ? between(0, 2_000) : between(2_000, 20_000));
    await accidents[Math.floor(random() * accidents.length)]!();
    stream.flow();
  }
  await pass(61_000);
  stream.flow();
  await clock.advance(1_000);
  expect(seen).toEqual(Array.from(seen, (_, index) => index + 1));
  expect(seen.at(-1)).toBe(stream.last);
  expect(client.ends).toEqual([]);
  expect(socket.getStatus().connection).toBeGreaterThan(10);
  await client.end();
});

import { expect } from 'vitest';
import { clientInWorld } from './clientInWorld';

/** A generator of its own, so that the faults of a seed stay the same when the client draws more or fewer numbers. */
function drawFrom(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e37_79b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

const minute = 60_000;

/**
 * Twenty-four hours of one tab, with faults drawn by the seed, and what must hold all the while: nobody is signed out,
 * nothing is dialled or asked too often, and soon after the faults stop the link is open.
 */
export async function dayOfFaults(seed: number): Promise<void> {
  const draw = drawFrom(seed);
  const between = (least: number, most: number) => least + draw() * (most - least);
  const client = clientInWorld({}, { seed, tokenLifetimeMs: between(3, 60) * minute });
  const { world, socket } = client;
  const end = world.clock.now() + 24 * 60 * minute;
  let isFrozen = false;

  const faults: (() => void | Promise<void>)[] = [
    () => world.server.connections.at(-1)?.drop(),
    () => world.server.connections.at(-1)?.halfOpen(),
    () => world.server.connections.at(-1)?.close(1012),
    () => world.server.connections.at(-1)?.close(1008, 'token expired'),
    () => world.server.connections.at(-1)?.close(1008),
    () => world.server.connections.at(-1)?.send('{"type":"auth_expiring_soon","expires_in":60}'),
    () => world.server.connections.at(-1)?.send('garbage'),
    () => world.server.refuse(),
    () => world.server.hang(),
    () => world.tokens.fail(Math.ceil(between(1, 5))),
    () => world.tokens.hang(),
    () => world.page.hide(),
    () => world.page.show(),
    () => world.page.offline(),
    () => world.page.focus(),
    () => world.clock.sleep(between(1, 120) * minute),
    () => world.clock.stall(between(1_000, 5 * minute)),
    () => world.clock.skew(between(-10, 10) * minute),
    () => {
      isFrozen = true;
      world.page.freeze();
    },
    () => socket.reconnect('drawn'),
    () => void socket.send({ n: 1 }),
  ];
  const heal = () => {
    world.server.accept();
    world.tokens.issue();
    world.page.online();
    if (isFrozen) world.page.resume();
    isFrozen = false;
  };

  socket.connect();
  while (world.clock.now() < end) {
    const count = Math.ceil(between(0, 3));
    for (let i = 0; i < count; i++) {
      await faults[Math.floor(draw() * faults.length)]!();
      await world.clock.advance(between(0, 20_000));
      if (!isFrozen) expect(world.clock.pendingTimers, `seed ${seed}: nothing is armed`).toBeGreaterThan(0);
    }
    await world.clock.advance(between(0, 3) * minute);
    heal();
    world.page.show();
    world.page.focus();
    await world.clock.advance(minute);
    expect(socket.getStatus(), `seed ${seed}: not open a minute after the faults ended`).toMatchObject({
      link: 'open',
    });
    expect(world.openSockets, `seed ${seed}: sockets left over`).toBeLessThanOrEqual(2);
    world.page.hide();
    await world.clock.advance(between(1, 40) * minute);
    world.server.forget();
  }
  expect(client.ends).toEqual([]);
  expect(socket.getStatus().session).not.toBe('signed-out');
  expectAtMost20AMinute(client.trace.filter(event => event.type === 'dial.started'));
  const granted = new Set(
    client.trace.flatMap(event => (event.type === 'token.granted' ? [event.call] : [])),
  );
  expectAtMost20AMinute(
    client.trace.filter(event => event.type === 'token.asked' && !granted.has(event.call)),
  );
  await client.end();
}

function expectAtMost20AMinute(events: readonly { at: number }[]): void {
  // `at` is wall time: a window that a set-back clock makes shorter is no minute.
  for (let i = 20; i < events.length; i++) {
    const span = events[i]!.at - events[i - 20]!.at;
    if (span >= 0 && span < 59_000) {
      const isSetBack = events.slice(i - 20, i).some((event, j) => events[i - 19 + j]!.at < event.at);
      expect(isSetBack, `21 within ${span} ms`).toBe(true);
    }
  }
}

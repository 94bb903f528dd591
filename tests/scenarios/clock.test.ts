import { describe, expect, it } from 'vitest';
import { createTestWorld } from '../../src/testing';
import { clientInWorld } from './clientInWorld';
import { silentAboutLifetimes } from './silentAboutLifetimes';

const stable = 6_000;
const minute = 60_000;

describe('clocks that are wrong or jump', () => {
  it.each([
    // Ten minutes ahead a new token of fifteen looks ten minutes old, which it may be: five minutes are left.
    [10, 35, 45],
    [20, 9, 12],
    [600, 9, 12],
  ])(
    'K01 a client clock %i minutes ahead causes no refresh storm and drops nothing: %i to %i calls in 2 h',
    async (ahead, atLeast, atMost) => {
      const world = createTestWorld({ tokenLifetimeMs: 15 * minute });
      world.clock.skew(ahead * minute);
      const client = clientInWorld({ protocol: silentAboutLifetimes() }, world);
      await client.open(minute);
      expect(world.tokens.calls.length).toBeLessThanOrEqual(2);
      await world.clock.advance(2 * 3_600_000);
      expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 1 });
      expect(world.tokens.calls.length).toBeGreaterThanOrEqual(atLeast);
      expect(world.tokens.calls.length).toBeLessThanOrEqual(atMost);
      expect(world.server.connections[0]!.closed).toBeNull();
      await client.end();
    },
  );

  it('K02 a client clock 10 minutes behind: the server says expired, one forced refresh, open within 2 s', async () => {
    const world = createTestWorld({ tokenLifetimeMs: 5 * minute });
    // A token that is already four minutes old is taken for a fresh one by a clock that is behind.
    const getToken = world.tokens.source as { getToken(request: unknown): Promise<string> };
    const old = await getToken.getToken({});
    await world.clock.advance(4 * minute);
    world.clock.skew(-10 * minute);
    const client = clientInWorld({ protocol: silentAboutLifetimes(), initialToken: { token: old } }, world);
    const before = world.tokens.calls.length;
    await client.open(1_000);
    await world.clock.advance(minute - 1_000);
    expect(world.tokens.calls.slice(before).map(({ forceRefresh }) => forceRefresh)).toEqual([true]);
    await world.clock.advance(2_000);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 2 });
    // The fresh answer has measured the skew: no second surprise.
    await world.clock.advance(3_600_000);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    await client.end();
  });

  it.each([
    ['grants with a lifetime', 1],
    // The new token looks expired to the wrong clock: it is asked for once more, which measures the clock.
    ['JWTs', 2],
  ])(
    'K03 a wall clock that jumps an hour ahead is noticed within 30 s; with %s that costs %i call',
    async (kind, calls) => {
      for (const hidden of [false, true]) {
        const client = clientInWorld({ protocol: silentAboutLifetimes() });
        let n = 0;
        if (kind !== 'JWTs')
          client.world.tokens.answer(() => ({ token: `t${(n += 1)}`, expiresInMs: 15 * minute }));
        await client.open(stable);
        if (hidden) client.world.page.hide();
        await client.world.clock.advance(10_000);
        client.world.clock.skew(3_600_000);
        await client.world.clock.advance(32_000);
        expect(client.world.tokens.calls).toHaveLength(1 + calls);
        await client.world.clock.advance(5 * minute);
        expect(client.world.tokens.calls).toHaveLength(1 + calls);
        expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
        expect(client.world.server.connections.length).toBeLessThanOrEqual(2);
        expect(client.ends).toEqual([]);
        await client.end();
      }
    },
  );

  it('K03 a wall clock that jumps back changes no wait and no heartbeat', async () => {
    const still = clientInWorld({}, { seed: 3 });
    const jumped = clientInWorld({}, { seed: 3 });
    for (const client of [still, jumped]) {
      await client.open(stable);
      if (client === jumped) client.world.clock.skew(-3_600_000);
      await client.world.clock.advance(5 * minute);
    }
    const pings = ({ world }: typeof still) =>
      world.server.last.received.filter(frame => (frame as { type?: string }).type === 'ping').length;
    expect(pings(jumped)).toBe(pings(still));
    expect(jumped.world.tokens.calls.length).toBe(still.world.tokens.calls.length);
    expect(jumped.world.server.connections).toHaveLength(1);
    await still.end();
    await jumped.end();
  });

  it('K04 after 8 h of sleep: one refresh, at most one new socket, no replay of missed beats', async () => {
    const client = clientInWorld();
    await client.open(stable);
    const first = client.world.server.last;
    await client.world.clock.sleep(8 * 3_600_000);
    const pingsBefore = first.received.length;
    client.world.page.show();
    client.world.page.focus();
    client.world.page.online();
    await client.world.clock.advance(10_000);
    expect(client.world.tokens.calls).toHaveLength(2);
    expect(client.world.server.connections.length).toBeLessThanOrEqual(2);
    expect(first.received.length - pingsBefore).toBeLessThanOrEqual(1);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('K04 after 8 h of sleep with a long token and a server that waited: one probe, no new socket', async () => {
    const client = clientInWorld({}, { tokenLifetimeMs: 24 * 3_600_000 });
    await client.open(stable);
    const pings = () =>
      client.world.server.last.received.filter(frame => (frame as { type?: string }).type === 'ping').length;
    const before = pings();
    await client.world.clock.sleep(8 * 3_600_000);
    client.world.page.show();
    await client.world.clock.advance(5_000);
    expect(pings() - before).toBe(1);
    expect(client.world.server.connections).toHaveLength(1);
    expect(client.world.tokens.calls).toHaveLength(1);
    await client.end();
  });

  it('K04 a sleep that no event tells of is noticed within 2 s by the clock alone, and the link is asked at once', async () => {
    const client = clientInWorld({}, { tokenLifetimeMs: 24 * 3_600_000 });
    await client.open(stable);
    const before = client.world.server.last.received.length;
    await client.world.clock.sleep(3_600_000);
    await client.world.clock.advance(2_100);
    expect(client.world.server.last.received.slice(before)).toEqual([{ type: 'ping' }]);
    client.world.server.last.halfOpen();
    await client.world.clock.sleep(3_600_000);
    await client.world.clock.advance(2_100 + 3_000 + 600);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    await client.end();
  });

  it('K06 a network that is back 20 s after the wake, without an online event: authenticated throughout', async () => {
    const client = clientInWorld({}, { tokenLifetimeMs: minute });
    await client.open(stable);
    const sessions = new Set<string>();
    client.socket.subscribe(() => sessions.add(client.socket.getStatus().session));
    client.world.server.last.halfOpen();
    client.world.server.refuse();
    client.world.tokens.fail(1_000);
    await client.world.clock.sleep(3 * minute);
    client.world.page.show();
    client.world.page.focus();
    await client.world.clock.advance(20_000);
    client.world.server.accept();
    client.world.tokens.issue();
    await client.world.clock.advance(5_000);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 2 });
    expect(sessions.has('signed-out')).toBe(false);
    expect(sessions.has('unknown')).toBe(false);
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('K08 a beat and its deadline that both fire late are followed by a fresh probe, not by a new link', async () => {
    const client = clientInWorld({ heartbeat: { intervalMs: 25_000, timeoutMs: 10_000 } });
    await client.open(stable);
    client.world.server.auto = false;
    // The ping has gone unanswered for 5 s when the process stops; its deadline is long over when it goes on.
    await client.world.clock.advance(25_000);
    await client.world.clock.stall(2 * minute);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    client.world.server.auto = true;
    client.world.server.last.send({ type: 'pong' });
    await client.world.clock.advance(minute);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    expect(client.world.server.connections).toHaveLength(1);
    await client.end();
  });

  it('K05 K08 P1f a deadline noticed 3 s late, with the answer in the queue behind it, costs nothing', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.auto = false;
    await client.world.clock.advance(25_000 - stable + 9_000);
    expect(client.world.server.last.received.at(-1)).toEqual({ type: 'ping' });
    // Shorter than what counts as a sleep, so that only the lateness of the timer tells.
    const stalled = client.world.clock.stall(4_000);
    client.world.server.last.send({ type: 'pong' });
    await stalled;
    client.world.server.auto = true;
    await client.world.clock.advance(minute);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    expect(client.world.server.connections).toHaveLength(1);
    await client.end();
  });

  it('K08 a link that answers no probe after the stall either is replaced', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.last.halfOpen();
    await client.world.clock.advance(25_000);
    await client.world.clock.stall(2 * minute);
    await client.world.clock.advance(4_000);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    await client.end();
  });
});

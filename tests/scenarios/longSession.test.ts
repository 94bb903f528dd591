import { describe, expect, it } from 'vitest';
import { unavailable } from '../../src/core';
import { clientInWorld, type ClientInWorld } from './clientInWorld';

const minute = 60_000;
const hour = 60 * minute;

type Frame = { type?: string; id?: number; n?: number };

function refreshes({ world }: ClientInWorld): Frame[] {
  return world.server.connections.flatMap(connection =>
    (connection.received as Frame[]).filter(frame => frame.type === 'auth_refresh'),
  );
}

/** When tokens were presented in band, as offsets from the start. */
function presentedAt({ trace }: ClientInWorld, start: number): number[] {
  return trace.filter(({ type }) => type === 'token.presented').map(({ at }) => at - start);
}

describe('a session that outlives its tokens', () => {
  it('S3-A eight hours of one-hour tokens: one socket, a refresh 60 s before each end, every one acknowledged', async () => {
    const client = clientInWorld({ refreshLeadMs: minute }, { tokenLifetimeMs: hour });
    const start = client.world.clock.now();
    await client.open();
    let sent = 0;
    for (let m = 0; m < 8 * 60; m++) {
      client.world.server.last.send({ type: 'tick', n: (sent += 1) });
      await client.world.clock.advance(minute);
    }
    expect(client.world.server.dials).toHaveLength(1);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 1 });
    const count = refreshes(client).length;
    expect(count).toBeGreaterThanOrEqual(7);
    expect(count).toBeLessThanOrEqual(9);
    // Lead of 60 s, up to a tenth earlier.
    const [, ...inBand] = presentedAt(client, start);
    let previous = 0;
    for (const at of inBand) {
      expect(at - previous).toBeGreaterThanOrEqual(hour - 66_000 - 2_000);
      expect(at - previous).toBeLessThanOrEqual(hour - 60_000 + 2_000);
      previous = at;
    }
    const acknowledged = client.trace.filter(({ type }) => type === 'token.acked');
    expect(acknowledged.length).toBe(count);
    expect(client.messages).toEqual(Array.from({ length: sent }, (_, i) => ({ type: 'tick', n: i + 1 })));
    await client.end();
  });

  it('S3-B a token endpoint that is down from 60 s to 5 s before the end: at least three tries, no close', async () => {
    const client = clientInWorld({ refreshLeadMs: minute }, { tokenLifetimeMs: hour });
    await client.open(hour - 70_000);
    client.world.tokens.answer(() => unavailable());
    await client.world.clock.advance(65_000);
    const tries = client.trace.filter(({ type }) => type === 'token.asked').map(({ at }) => at);
    expect(tries.length).toBeGreaterThanOrEqual(4);
    const waits = tries.slice(2).map((at, i) => at - tries[i + 1]!);
    expect(new Set(waits).size).toBe(waits.length);
    client.world.tokens.issue();
    await client.world.clock.advance(minute);
    expect(client.world.server.dials).toHaveLength(1);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 1 });
    await client.end();
  });

  it.each([
    ['with an online event', 1_000],
    ['without one', 30_000],
  ])(
    'S3-B down until past the end, %s: open again in time, nobody signed out, the queue delivered once and in order',
    async (event, withinMs) => {
      const client = clientInWorld({ refreshLeadMs: minute }, { tokenLifetimeMs: hour });
      await client.open(hour - 70_000);
      client.world.tokens.answer(() => unavailable());
      await client.world.clock.advance(3 * minute);
      expect(client.socket.getStatus()).toMatchObject({ session: 'stale' });
      expect(client.world.server.last.closed).toMatchObject({ by: 'server', code: 1008 });
      for (let n = 0; n < 100; n++) expect(client.socket.send({ type: 'mine', n })).toBe('queued');
      client.world.tokens.issue();
      if (event === 'with an online event') client.world.page.online();
      await client.world.clock.advance(withinMs);
      expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 2 });
      const mine = (client.world.server.last.received as Frame[]).filter(({ type }) => type === 'mine');
      expect(mine.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
      expect(client.drops).toEqual([]);
      expect(client.ends).toEqual([]);
      await client.end();
    },
  );

  it.each(['sleep', 'stall'] as const)(
    'S3-C a timer frozen from 120 s before the end to 600 s after it (%s): one refresh, at most one new socket',
    async how => {
      const client = clientInWorld({ refreshLeadMs: minute }, { tokenLifetimeMs: hour });
      await client.open(hour - 120_000);
      await client.world.clock[how](720_000);
      client.world.page.show();
      client.world.page.focus();
      await client.world.clock.advance(10_000);
      expect(client.world.tokens.calls).toHaveLength(2);
      expect(client.world.server.dials.length).toBeLessThanOrEqual(2);
      expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
      expect(client.ends).toEqual([]);
      await client.end();
    },
  );

  it('S3-C "expiring soon" that arrives while the timers stand still: one refresh', async () => {
    const client = clientInWorld({ refreshLeadMs: minute }, { tokenLifetimeMs: hour });
    await client.open(hour - 120_000);
    const { last } = client.world.server;
    // Suspended for a short while only: the warning is the first thing that arrives at the wake.
    const slept = client.world.clock.sleep(90_000);
    last.send({ type: 'auth_expiring_soon', expires_in: 110 });
    await slept;
    await client.world.clock.advance(0);
    last.send({ type: 'auth_expiring_soon', expires_in: 29 });
    await client.world.clock.advance(5_000);
    expect(client.world.tokens.calls).toHaveLength(2);
    expect(refreshes(client)).toHaveLength(1);
    await client.world.clock.advance(5 * minute);
    expect(client.world.tokens.calls).toHaveLength(2);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 1 });
    await client.end();
  });
});

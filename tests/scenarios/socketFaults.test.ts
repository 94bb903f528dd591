import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeTable } from '../../src/protocols';
import { jsonProtocol } from '../../src/core';
import { createTestWorld } from '../../src/testing';
import { clientInWorld } from './clientInWorld';

const stable = 6_000;

function busiestSecond(times: readonly number[]): number {
  const seconds = new Map<number, number>();
  for (const time of times)
    seconds.set(Math.floor(time / 1_000), (seconds.get(Math.floor(time / 1_000)) ?? 0) + 1);
  return Math.max(...seconds.values());
}

describe('a socket that fails', () => {
  it('S01 a port that is closed for 60 s is tried within the bounds of the ladder and open 31 s after it listens', async () => {
    const client = clientInWorld();
    client.world.server.refuse();
    client.socket.connect();
    await client.world.clock.advance(60_000);
    const dials = client.world.server.dials.length;
    expect(dials).toBeGreaterThan(3);
    expect(dials).toBeLessThanOrEqual(20);
    expect(client.socket.getStatus()).toMatchObject({
      link: 'waiting',
      waitingFor: 'backoff',
      session: 'valid',
    });
    client.world.server.accept();
    await client.world.clock.advance(31_000);
    expect(client.socket.getStatus().link).toBe('open');
    await client.end();
  });

  it('S02 refused handshakes lead to one forced refresh, not to a sign-out', async () => {
    const client = clientInWorld();
    client.world.server.refuse();
    client.socket.connect();
    await client.world.clock.advance(8_000);
    expect(client.world.server.dials.length).toBeGreaterThanOrEqual(3);
    expect(client.world.tokens.calls.map(({ reason }) => reason)).toEqual(['initial', 'rejected']);
    expect(client.world.tokens.calls[1]!.forceRefresh).toBe(true);
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('S04 an upgrade that is never answered is closed at its deadline and the next dial leaves at once', async () => {
    const client = clientInWorld();
    client.world.server.hang();
    client.socket.connect();
    await client.world.clock.advance(9_900);
    expect(client.world.server.dials).toHaveLength(1);
    expect(client.world.browserConsole).toEqual([]);
    await client.world.clock.advance(700);
    expect(client.world.server.dials).toHaveLength(2);
    expect(client.world.browserConsole).toHaveLength(1);
    client.world.server.accept();
    await client.world.clock.advance(11_000);
    expect(client.socket.getStatus().link).toBe('open');
    expect(client.world.openSockets).toBe(1);
    await client.end();
  });

  it('S05 a reset without an error event reconnects', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.last.drop();
    await client.world.clock.advance(900);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    expect(client.world.tokens.calls).toHaveLength(1);
    await client.end();
  });

  it('S06 a half-open link is dead at most 36 s after the last frame, and the second is dialled within 38 s', async () => {
    for (const phase of [0, 5, 12, 24, 24.9, 25.1, 30]) {
      const client = clientInWorld({}, { seed: 7 + phase });
      await client.open(stable);
      await client.world.clock.advance(phase * 1_000);
      const before = client.world.server.last.received.length;
      client.world.server.last.send({ type: 'last' });
      await client.world.clock.advance(0);
      client.world.server.last.halfOpen();
      const since = client.world.clock.now();
      while (client.socket.getStatus().link === 'open' && client.world.clock.now() - since < 60_000) {
        await client.world.clock.advance(100);
      }
      expect(client.world.clock.now() - since).toBeLessThanOrEqual(36_000);
      await client.world.clock.advance(2_000);
      expect(client.world.server.dials).toHaveLength(2);
      expect(before).toBeGreaterThan(0);
      await client.end();
    }
  });

  it('S07 a server that never completes our close holds up nothing', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.last.halfOpen();
    client.socket.disconnect();
    expect(client.socket.getStatus()).toMatchObject({ link: 'stopped', stopReason: 'disconnected' });
    client.socket.connect();
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    client.socket.destroy();
  });

  it('S08 a server that leaves with 1001 and 1012 is found again, jittered, and nobody is signed out', async () => {
    for (const code of [1001, 1012]) {
      const client = clientInWorld();
      await client.open(stable);
      client.world.server.last.close(code);
      await client.world.clock.advance(8_100);
      expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2, session: 'valid' });
      expect(client.world.tokens.calls).toHaveLength(1);
      await client.end();
    }
  });

  it('S08 going_away with retry_after is waited for, never less, at most 10 % more; the old link carries until it closes', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.last.send({ type: 'going_away', retry_after: 5 });
    await client.world.clock.advance(100);
    client.world.server.last.send({ type: 'still', n: 1 });
    await client.world.clock.advance(0);
    expect(client.messages).toContainEqual({ type: 'still', n: 1 });
    client.world.server.last.close(1001);
    await client.world.clock.advance(4_800);
    expect(client.world.server.dials).toHaveLength(1);
    await client.world.clock.advance(700);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    await client.end();
  });

  it('S09 a link that flaps every second backs off, and only 5 s of life start the ladder over', async () => {
    const client = clientInWorld();
    client.socket.connect();
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      await client.world.clock.advance(40_000);
      // Two lives of one second in a row, then compare how long the next dial waits.
      expect(client.socket.getStatus().link).toBe('open');
      for (let flap = 0; flap <= i; flap++) {
        client.world.server.last.drop();
        await client.world.clock.advance(0);
        const { retryAt } = client.socket.getStatus();
        if (flap === i && retryAt) waits.push(retryAt - client.world.clock.now());
        await client.world.clock.advance((retryAt ?? 0) - client.world.clock.now() + 1_000);
      }
    }
    expect(waits[0]).toBeLessThanOrEqual(800);
    expect(Math.max(...waits.slice(6))).toBeGreaterThan(5_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    await client.end();
  });

  it('S09 twenty flaps of a second make at most 20 dials in any minute', async () => {
    const client = clientInWorld();
    client.socket.connect();
    const end = client.world.clock.now() + 300_000;
    while (client.world.clock.now() < end) {
      await client.world.clock.advance(1_000);
      if (client.socket.getStatus().link === 'open') client.world.server.last.drop();
    }
    const times = client.trace.filter(event => event.type === 'dial.started').map(({ at }) => at);
    for (const time of times)
      expect(times.filter(t => t >= time && t < time + 60_000).length).toBeLessThanOrEqual(20);
    await client.end();
  });

  it.each([
    ['S10', 1008, 'token expired', 1],
    ['S10', 1008, '{"code":"token_expired"}', 1],
    ['S11', 1008, '', 1],
    ['S11', 1008, 'because', 1],
    ['S13', 1011, '', 0],
    ['S14', 1013, '', 0],
    ['S15', 4321, '', 1],
    ['S18', 999, '', 0],
    ['S18', 2000, '', 0],
    ['S18', 5000, '', 0],
  ])(
    '%s a close of %i "%s" costs %i forced refresh and never the session',
    async (_id, code, reason, refreshes) => {
      const client = clientInWorld();
      await client.open(stable);
      client.world.server.last.close(code, reason);
      await client.world.clock.advance(61_000);
      expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2, session: 'valid' });
      expect(client.world.tokens.calls.slice(1).map(({ forceRefresh }) => forceRefresh)).toEqual(
        Array<boolean>(refreshes).fill(true),
      );
      expect(client.ends).toEqual([]);
      await client.end();
    },
  );

  it('S10 "token expired" is one attempt without a wait, then the ladder', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.last.close(1008, 'token expired');
    await client.world.clock.advance(50);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    client.world.server.last.close(1008, 'token expired');
    await client.world.clock.advance(29_000);
    expect(client.socket.getStatus()).toMatchObject({
      session: 'rejected',
      link: 'waiting',
      waitingFor: 'token',
    });
    expect(client.world.server.dials).toHaveLength(2);
    await client.end();
  });

  it('S12 a code that the application maps to revoked asks the source once, forced; without its word the session stays', async () => {
    for (const code of [1008, 4401, 4403]) {
      const protocol = jsonProtocol({ close: closeTable({ [code]: 'revoked' }) });
      const client = clientInWorld({ protocol });
      await client.open(stable);
      client.world.server.last.close(code, '');
      await client.world.clock.advance(stable);
      expect(client.world.tokens.calls.map(({ reason, forceRefresh }) => [reason, forceRefresh])).toEqual([
        ['initial', false],
        ['rejected', true],
      ]);
      expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
      client.world.tokens.revoke();
      client.world.server.last.close(code, '');
      await client.world.clock.advance(stable);
      expect(client.socket.getStatus()).toMatchObject({ link: 'stopped', session: 'signed-out' });
      expect(client.ends).toEqual([{ reason: 'revoked', by: 'token-source', at: expect.any(Number) }]);
      await client.end();
    }
  });

  it('S14 1013 waits 2 to 60 s without a refresh, and the time that a reason names exactly, plus at most 10 %', async () => {
    const bare = clientInWorld();
    await bare.open(stable);
    bare.world.server.last.close(1013);
    await bare.world.clock.advance(1_990);
    expect(bare.world.server.dials).toHaveLength(1);
    await bare.world.clock.advance(58_100);
    expect(bare.world.server.dials).toHaveLength(2);
    expect(bare.world.tokens.calls).toHaveLength(1);
    await bare.end();

    const named = clientInWorld();
    await named.open(stable);
    named.world.server.last.close(1013, '{"code":"overloaded","retry_after":20}');
    named.world.page.focus();
    await named.world.clock.advance(19_990);
    expect(named.world.server.dials).toHaveLength(1);
    await named.world.clock.advance(2_100);
    expect(named.world.server.dials).toHaveLength(2);
    await named.end();
  });

  it('S15 no code from 4000 to 4999 that nobody mapped ends or stops anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4000, max: 4999 }), async code => {
        const client = clientInWorld();
        await client.open(stable);
        client.world.server.last.close(code);
        await client.world.clock.advance(31_000);
        expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
        client.socket.destroy();
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['protocol', 'protocol'],
    ['forbidden', 'forbidden'],
    ['taken-over', 'taken-over'],
  ] as const)(
    'S16 a code mapped to %s stops the link without a timer, and reconnect() starts it',
    async (verdict, stopReason) => {
      const client = clientInWorld({ protocol: jsonProtocol({ close: closeTable({ 4999: verdict }) }) });
      await client.open(stable);
      client.world.server.last.close(4999);
      await client.world.clock.advance(0);
      expect(client.socket.getStatus()).toMatchObject({ link: 'stopped', stopReason, session: 'valid' });
      expect(client.world.clock.pendingTimers).toBe(0);
      client.socket.reconnect();
      await client.world.clock.advance(600);
      expect(client.socket.getStatus().link).toBe('open');
      await client.end();
    },
  );

  it('S17 an expired frame and the close after it are one event: one refresh, one new socket', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.last.send({ type: 'session_expired' });
    client.world.server.last.close(1008, 'auth failed');
    await client.world.clock.advance(stable);
    expect(client.world.tokens.calls).toHaveLength(2);
    expect(client.world.server.dials).toHaveLength(2);
    expect(client.socket.getStatus()).toMatchObject({
      link: 'open',
      lastClose: { code: 1008, reason: 'auth failed', verdict: 'expired' },
    });
    await client.end();
  });

  it('S19 a frame of invalid UTF-8 reconnects', async () => {
    const client = clientInWorld();
    await client.open(stable);
    (client.world.server.last as unknown as { sendInvalid(): void }).sendInvalid();
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    await client.end();
  });

  it('S20 disconnect() while CONNECTING prints nothing and opens nothing late', async () => {
    const client = clientInWorld();
    client.world.server.hang();
    client.socket.connect();
    await client.world.clock.advance(100);
    client.socket.disconnect();
    expect(client.socket.getStatus().link).toBe('stopped');
    client.world.server.accept();
    await client.world.clock.advance(100);
    expect(client.world.browserConsole).toEqual([]);
    expect(client.world.server.dials).toHaveLength(1);
    expect(client.world.openSockets).toBe(0);
    await client.end();
  });

  it('S20 an abandoned dial that never opens is closed at its own deadline, with one warning', async () => {
    const client = clientInWorld();
    client.world.server.hang();
    client.socket.connect();
    await client.world.clock.advance(4_000);
    client.socket.destroy();
    await client.world.clock.advance(5_900);
    expect(client.world.browserConsole).toHaveLength(0);
    await client.world.clock.advance(200);
    expect(client.world.browserConsole).toHaveLength(1);
    expect(client.world.clock.pendingTimers).toBe(0);
  });

  it('S21 a server that accepts and never says auth_ok is left after 10 s', async () => {
    const client = clientInWorld();
    client.world.server.auto = false;
    client.socket.connect();
    await client.world.clock.advance(9_900);
    expect(client.socket.getStatus().link).toBe('authenticating');
    await client.world.clock.advance(1_000);
    expect(client.world.server.dials).toHaveLength(2);
    client.world.server.auto = true;
    await client.world.clock.advance(30_000);
    expect(client.socket.getStatus().link).toBe('open');
    await client.end();
  });

  it('S22 a thousand clients of a server that announces its restart: no second has more than 15 % of them', async () => {
    const dials: number[] = [];
    for (let seed = 1; seed <= 1_000; seed++) {
      const client = clientInWorld({ onTrace: () => {} }, { seed });
      await client.open(stable);
      client.world.server.last.close(1012);
      const closedAt = client.world.clock.now();
      await client.world.clock.advance(0);
      dials.push((client.socket.getStatus().retryAt ?? closedAt) - closedAt);
      client.socket.destroy();
    }
    expect(busiestSecond(dials) / dials.length).toBeLessThanOrEqual(0.15);
    expect(Math.max(...dials)).toBeLessThanOrEqual(8_000);
  });

  it('S22 a thousand hidden tabs that lose their link unannounced: no second has more than 25 %', async () => {
    const dials: number[] = [];
    for (let seed = 1; seed <= 1_000; seed++) {
      const client = clientInWorld({ onTrace: () => {} }, { seed });
      await client.open(stable);
      client.world.page.hide();
      client.world.server.last.drop();
      const lostAt = client.world.clock.now();
      await client.world.clock.advance(0);
      dials.push((client.socket.getStatus().retryAt ?? lostAt) - lostAt);
      client.socket.destroy();
    }
    expect(busiestSecond(dials) / dials.length).toBeLessThanOrEqual(0.25);
  });

  it('S24 slow traffic is life: a link on which bytes flow is never declared dead and refreshes once', async () => {
    const client = clientInWorld(
      { heartbeat: { intervalMs: 5_000, timeoutMs: 3_000 } },
      { tokenLifetimeMs: 60_000 },
    );
    await client.open(stable);
    client.world.server.auto = false;
    const answer = (frame: { type: string; id?: number }, at: number) =>
      setLater.push({
        at,
        frame: frame.type === 'ping' ? { type: 'pong' } : { type: 'auth_ok', id: frame.id, expires_in: 60 },
      });
    const setLater: { at: number; frame: unknown }[] = [];
    let read = client.world.server.last.received.length;
    for (let i = 0; i < 240; i++) {
      await client.world.clock.advance(500);
      const { received } = client.world.server.last;
      for (; read < received.length; read++)
        answer(received[read] as never, client.world.clock.now() + 5_000);
      client.world.server.last.send({ type: 'byte' });
      while (setLater[0] && setLater[0].at <= client.world.clock.now())
        client.world.server.last.send(setLater.shift()!.frame);
    }
    expect(client.world.server.dials).toHaveLength(1);
    const refreshes = client.world.server.last.received.filter(
      f => (f as { type: string }).type === 'auth_refresh',
    );
    expect(refreshes.length).toBeLessThanOrEqual(4);
    await client.end();
  });

  it('S25 a constructor that throws inside a timer is misconfigured and reported, never uncaught', async () => {
    const world = createTestWorld();
    let shouldThrow = false;
    const Fake = world.platform.WebSocket;
    class Picky extends (Fake as new (url: string | URL, protocols?: string | string[]) => WebSocket) {
      constructor(url: string | URL, protocols?: string | string[]) {
        if (shouldThrow) throw new DOMException('port blocked', 'SecurityError');
        super(url, protocols);
      }
    }
    const client = clientInWorld({ platform: { ...world.platform, WebSocket: Picky } }, world);
    await client.open(stable);
    shouldThrow = true;
    world.server.last.drop();
    await world.clock.advance(1_000);
    expect(client.socket.getStatus()).toMatchObject({
      link: 'stopped',
      stopReason: 'misconfigured',
      session: 'valid',
    });
    expect(client.errors).toEqual([expect.objectContaining({ code: 'invalid-option' })]);
    shouldThrow = false;
    client.socket.connect();
    await world.clock.advance(1_000);
    expect(client.socket.getStatus().link).toBe('open');
    await client.end();
  });

  it('S26 messages in the same tick as the open are delivered once, in order', async () => {
    const client = clientInWorld();
    client.world.server.auto = false;
    client.socket.connect();
    await client.world.clock.advance(0);
    client.world.server.last.send({ type: 'auth_ok', expires_in: 900 });
    client.world.server.last.send({ type: 'a' });
    client.world.server.last.send({ type: 'b' });
    await client.world.clock.advance(0);
    expect(client.messages).toEqual([{ type: 'a' }, { type: 'b' }]);
    await client.end();
  });
});

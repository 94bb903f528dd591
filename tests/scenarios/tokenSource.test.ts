import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signedOut, unavailable, type GetToken, type TokenAnswer } from '../../src/core';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { clientInWorld } from './clientInWorld';

const stable = 6_000;
const minute = 60_000;

const jwt = (claims: object) => `e30.${btoa(JSON.stringify(claims))}.x`;
const seconds = (ms: number) => Math.floor(ms / 1_000);

/** How many of these moments lie in the busiest stretch of `spanMs`. */
function busiest(moments: readonly number[], spanMs: number): number {
  return Math.max(0, ...moments.map(from => moments.filter(at => at >= from && at < from + spanMs).length));
}

function callMoments(trace: readonly { type: string; at: number }[]): number[] {
  return trace.filter(({ type }) => type === 'token.asked').map(({ at }) => at);
}

describe('a token source that fails', () => {
  it('T01 five failed first calls, rejected and thrown, delay the connection and sign nobody out', async () => {
    const world = createTestWorld();
    let calls = 0;
    const getToken: GetToken = request => {
      calls += 1;
      if (calls <= 3) return Promise.reject(new TypeError('Failed to fetch'));
      if (calls <= 5) throw new Error('thrown at once');
      return typeof world.tokens.source === 'object' && 'getToken' in world.tokens.source
        ? world.tokens.source.getToken(request)
        : unavailable();
    };
    const client = clientInWorld({ getToken }, world);
    client.socket.connect();
    await world.clock.advance(0);
    expect(client.socket.getStatus()).toMatchObject({
      session: 'unknown',
      link: 'waiting',
      waitingFor: 'token',
    });
    // w/2 + rand(0, w/2) for w = 0.5, 1, 2, 4, 8 s: all five waits together.
    await world.clock.advance(15_500);
    expect(calls).toBe(6);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 1 });
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('T01 connect() after a disconnect asks at once, however long the ladder had become', async () => {
    const client = clientInWorld();
    client.world.tokens.fail(30);
    client.socket.connect();
    await client.world.clock.advance(2 * minute);
    const asked = client.world.tokens.calls.length;
    client.socket.disconnect();
    client.world.tokens.fail(0);
    client.socket.connect();
    await client.world.clock.advance(100);
    expect(client.world.tokens.calls).toHaveLength(asked + 1);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    await client.end();
  });

  it('T02 a refresh that fails while the token lives changes nothing that anyone sees, and is repeated before expiry', async () => {
    const client = clientInWorld({}, { tokenLifetimeMs: 4 * minute });
    await client.open(stable);
    const before = await client.socket.getToken();
    const sessions = new Set<string>();
    client.socket.subscribe(() => sessions.add(client.socket.getStatus().session));
    client.world.tokens.fail(3);
    await client.world.clock.advance(3 * minute);
    const reasons = client.world.tokens.calls.map(({ reason }) => reason);
    expect(reasons).toEqual(['initial', 'expiring', 'expiring', 'expiring', 'expiring']);
    expect(client.world.server.dials).toHaveLength(1);
    expect([...sessions].filter(session => session !== 'valid' && session !== 'refreshing')).toEqual([]);
    expect(await client.socket.getToken()).not.toBe(before);
    await client.end();
  });

  it('T02 the held token stays in use between the failed calls', async () => {
    const client = clientInWorld({}, { tokenLifetimeMs: 4 * minute });
    await client.open(stable);
    const held = await client.socket.getToken();
    client.world.tokens.fail(1_000);
    await client.world.clock.advance(3 * minute);
    expect(client.world.tokens.calls.length).toBeGreaterThan(2);
    expect(await client.socket.getToken()).toBe(held);
    expect(await client.socket.getToken({ minValidityMs: 10 * minute })).toBe(held);
    expect(await client.socket.getToken({ forceRefresh: true })).toBe(held);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    await client.end();
  });

  it('T03 refreshes that fail until after expiry make the session stale and never end it', async () => {
    const client = clientInWorld({}, { tokenLifetimeMs: 2 * minute });
    await client.open(stable);
    client.world.tokens.fail(100_000);
    await client.world.clock.advance(30 * minute);
    expect(client.socket.getStatus()).toMatchObject({ session: 'stale', waitingFor: 'token' });
    expect(client.ends).toEqual([]);
    // The server closed the link at the expiry; an expired token is never presented again.
    expect(client.world.server.dials).toHaveLength(1);
    client.world.tokens.issue();
    await client.world.clock.advance(31_000);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 2 });
    await client.end();
  });

  it('T03 a server that does not mind an expired token keeps its link while the session is stale', async () => {
    const client = clientInWorld({}, { tokenLifetimeMs: 2 * minute });
    await client.open(stable);
    client.world.server.auto = false;
    client.world.tokens.fail(100_000);
    // By hand: the server goes on answering pings and lets the token end.
    for (let i = 0; i < 60; i++) {
      await client.world.clock.advance(5_000);
      client.world.server.last.send({ type: 'tick', i });
    }
    expect(client.socket.getStatus()).toMatchObject({ session: 'stale', link: 'open', connection: 1 });
    await client.end();
  });

  it('T04 a call that never settles is aborted at its deadline, counts as "not now" and is asked again', async () => {
    const client = clientInWorld();
    client.world.tokens.hang();
    client.socket.connect();
    await client.world.clock.advance(9_999);
    expect(client.world.tokens.calls).toHaveLength(1);
    expect(client.world.tokens.calls[0]!.signal.aborted).toBe(false);
    await client.world.clock.advance(1);
    expect(client.world.tokens.calls[0]!.signal.aborted).toBe(true);
    expect(client.world.tokens.calls[0]!.signal.reason).toBeInstanceOf(DOMException);
    await client.world.clock.advance(500);
    expect(client.world.tokens.calls).toHaveLength(2);
    expect(client.world.tokens.calls[1]).toMatchObject({ attempt: 2, reason: 'initial' });
    client.world.tokens.issue();
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus().link).toBe('open');
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('T05 a slow source within its deadline costs one call and one socket', async () => {
    const client = clientInWorld({ timeouts: { tokenMs: 45_000 } });
    client.world.tokens.hang();
    client.socket.connect();
    await client.world.clock.advance(30_000);
    expect(client.world.server.dials).toHaveLength(0);
    client.world.tokens.issue();
    await client.world.clock.advance(0);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    expect(client.world.tokens.calls).toHaveLength(1);
    expect(client.world.server.dials).toHaveLength(1);
    await client.end();
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['an empty string', ''],
  ])('T06 %s from the source after a wake never replaces a token that still lives', async (_name, answer) => {
    const client = clientInWorld();
    await client.open(stable);
    const held = await client.socket.getToken();
    client.world.tokens.answer(answer as unknown as TokenAnswer);
    await client.world.clock.sleep(3 * minute);
    client.world.page.show();
    await client.world.clock.advance(0);
    await expect(client.socket.getToken({ forceRefresh: true })).resolves.toBe(held);
    await client.world.clock.advance(minute);
    expect(client.socket.getStatus().link).toBe('open');
    expect(['valid', 'refreshing']).toContain(client.socket.getStatus().session);
    expect(await client.socket.getToken()).toBe(held);
    client.world.tokens.issue();
    await client.world.clock.advance(10 * minute);
    expect(await client.socket.getToken()).not.toBe(held);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('T07 signed out as the first answer: no socket, no polling, no callback, and a way back in', async () => {
    const client = clientInWorld();
    client.world.tokens.revoke();
    client.socket.connect();
    await client.world.clock.advance(10 * minute);
    expect(client.socket.getStatus()).toMatchObject({
      session: 'signed-out',
      link: 'stopped',
      stopReason: 'signed-out',
    });
    expect(client.world.tokens.calls).toHaveLength(1);
    expect(client.world.server.dials).toHaveLength(0);
    expect(client.world.clock.pendingTimers).toBe(0);
    expect(client.ends).toEqual([]);
    client.world.tokens.issue();
    client.socket.retrySession();
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    await client.end();
  });

  it('T07 null as the first answer is "not now": it waits and opens when a token comes', async () => {
    const client = clientInWorld();
    client.world.tokens.answer(null as unknown as TokenAnswer);
    client.socket.connect();
    await client.world.clock.advance(10_000);
    expect(client.socket.getStatus()).toMatchObject({ session: 'unknown', waitingFor: 'token' });
    expect(client.ends).toEqual([]);
    client.world.tokens.issue();
    await client.world.clock.advance(30_000);
    expect(client.socket.getStatus().link).toBe('open');
    await client.end();
  });

  it('T08 an answer that is no token is reported once and counts as "not now"', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.constantFrom<unknown>(
            {},
            [],
            7,
            true,
            Symbol('token'),
            () => 'token',
            { token: 7 },
            { token: '' },
            { token: null, expiresAt: 1 },
            { access_token: 'not our name' },
            new Map([['token', 'x']]),
            new Error('an answer, not a throw'),
          ),
          fc.integer(),
          fc.object().filter(value => !('token' in value)),
        ),
        async answer => {
          const client = clientInWorld();
          client.world.tokens.answer(() => answer as TokenAnswer);
          client.socket.connect();
          await client.world.clock.advance(3_000);
          expect(client.world.tokens.calls.length).toBeGreaterThan(1);
          const reports = client.errors.map(({ code }) => code);
          expect(reports).toEqual(['malformed-token']);
          expect(client.socket.getStatus()).toMatchObject({ session: 'unknown', waitingFor: 'token' });
          client.world.tokens.issue();
          await client.world.clock.advance(30_000);
          expect(client.socket.getStatus().link).toBe('open');
          await client.end();
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    [
      'opaque tokens',
      0,
      (ago: number, n: number) => ({ token: `opaque-${n}`, expiresAt: (ago + 900) * 1_000 }),
    ],
    // A forced answer is fresh, so the first of these looks like a clock that is off, until the server has spoken.
    ['JWTs', 1, (ago: number) => jwt({ sub: 'user-1', iat: ago, exp: ago + 900 })],
  ])(
    'T09 a source that only has expired %s is asked at a bounded rate, and at most %i is dialled with',
    async (_name, dials, answer) => {
      const client = clientInWorld();
      const ago = seconds(client.world.clock.now()) - 7_200;
      let n = 0;
      client.world.tokens.answer(() => answer(ago, (n += 1)));
      client.socket.connect();
      const start = client.world.clock.now();
      await client.world.clock.advance(10 * minute);
      const moments = callMoments(client.trace);
      const perMinute = Array.from(
        { length: 10 },
        (_, i) => moments.filter(at => at >= start + i * minute && at < start + (i + 1) * minute).length,
      );
      expect(perMinute[0]).toBeLessThanOrEqual(10);
      expect(perMinute[9]).toBeGreaterThanOrEqual(1);
      expect(Math.max(...perMinute.slice(1))).toBeLessThanOrEqual(6);
      expect(moments.length).toBe(client.world.tokens.calls.length);
      expect(client.world.server.dials).toHaveLength(dials);
      expect(client.ends).toEqual([]);
      client.world.tokens.issue();
      await client.world.clock.advance(31_000);
      expect(client.socket.getStatus().link).toBe('open');
      await client.end();
    },
  );

  it('T10 a source that repeats the refused token makes the session rejected, until the first different one', async () => {
    const client = clientInWorld();
    client.world.tokens.answer({ token: 'refused', expiresInMs: 60 * minute, subject: 'user-1' });
    await client.open(stable);
    const asked = client.world.tokens.calls.length;
    const dialled = client.world.server.dials.length;
    client.world.server.last.close(1008, '{"code":"token_invalid"}');
    await client.world.clock.advance(10_000);
    expect(client.world.tokens.calls.length - asked).toBeLessThanOrEqual(3);
    expect(client.world.tokens.calls.at(-1)).toMatchObject({ forceRefresh: true, reason: 'rejected' });
    expect(client.socket.getStatus()).toMatchObject({ session: 'rejected' });
    const settled = client.trace.length;
    await client.world.clock.advance(10 * minute);
    const later = callMoments(client.trace.slice(settled));
    expect(later.length).toBeGreaterThanOrEqual(15);
    expect(busiest(later, 29_000)).toBe(1);
    expect(client.world.server.dials).toHaveLength(dialled);
    expect(client.ends).toEqual([]);
    client.world.tokens.answer({ token: 'another', expiresInMs: 60 * minute, subject: 'user-1' });
    await client.world.clock.advance(31_000);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 2 });
    expect(client.world.server.last.received[0]).toEqual({ type: 'auth', token: 'another' });
    await client.end();
  });

  it.each([
    ['the source notifies', (world: TestWorld) => world.tokens.notify()],
    ['the page wakes', (world: TestWorld) => world.page.show()],
  ])('T10 a rejected session is asked for at once when %s', async (_name, nudge) => {
    const client = clientInWorld();
    client.world.tokens.answer({ token: 'refused', expiresInMs: 60 * minute });
    await client.open(stable);
    client.world.server.last.close(1008, '{"code":"token_invalid"}');
    await client.world.clock.advance(35_000);
    expect(client.socket.getStatus().session).toBe('rejected');
    client.world.tokens.answer({ token: 'another', expiresInMs: 60 * minute });
    nudge(client.world);
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    await client.end();
  });

  it.each(['reconnect', 'retrySession'] as const)(
    'T10 a rejected session is asked for at once by %s()',
    async method => {
      const client = clientInWorld();
      client.world.tokens.answer({ token: 'refused', expiresInMs: 60 * minute });
      await client.open(stable);
      client.world.server.last.close(1008, '{"code":"token_invalid"}');
      await client.world.clock.advance(35_000);
      client.world.tokens.answer({ token: 'another', expiresInMs: 60 * minute });
      client.socket[method]();
      await client.world.clock.advance(1_000);
      expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
      await client.end();
    },
  );

  it('T11 signed out during an open link ends the session once, closes 1000 and leaves no timer', async () => {
    const client = clientInWorld();
    await client.open(stable);
    const token = await client.socket.getToken();
    client.world.tokens.answer(signedOut('revoked'));
    client.world.tokens.notify();
    await client.world.clock.advance(10 * minute);
    expect(client.ends).toEqual([{ reason: 'revoked', by: 'token-source', at: expect.any(Number) }]);
    expect(JSON.stringify([client.ends, client.trace, client.errors])).not.toContain(token);
    expect(client.world.server.last.closed).toMatchObject({ by: 'client', code: 1000 });
    expect(client.world.server.connections).toHaveLength(1);
    expect(client.world.clock.pendingTimers).toBe(0);
    await client.end();
  });

  it.each([500, 502, 503, 504])('T13 a token endpoint that answers %i is waited out', async status => {
    const client = clientInWorld({}, { tokenLifetimeMs: 4 * minute });
    await client.open(stable);
    client.world.tokens.answer(() => unavailable({ cause: new Error(`HTTP ${status}`) }));
    await client.world.clock.advance(4 * minute + 20_000);
    expect(client.socket.getStatus().session).toBe('stale');
    // While the token lives no wait passes the middle of what is left of it.
    const end = client.trace.find(({ type }) => type === 'link.ready')!.at + 4 * minute - 60_000;
    const moments = callMoments(client.trace).filter((at, i) => i > 0 && at < end);
    const gaps = moments.slice(1).map((at, i) => at - moments[i]!);
    expect(gaps.length).toBeGreaterThan(5);
    // The ladder of failed calls: each wait at least half its step, none over the longest.
    for (const [n, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(Math.min(30_000, 500 * 2 ** n) / 2 - 1);
      expect(gap).toBeLessThanOrEqual(30_001);
    }
    client.world.tokens.issue();
    await client.world.clock.advance(31_000);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('T14 a rate limit with a named delay is respected, whatever wake events arrive meanwhile', async () => {
    const client = clientInWorld();
    await client.open(31_000);
    client.world.tokens.answer(() => unavailable({ retryAfterMs: 7_000 }));
    client.world.server.last.send({ type: 'auth_expiring_soon', expires_in: 120 });
    await client.world.clock.advance(0);
    const limited = client.world.clock.now();
    expect(client.world.tokens.calls).toHaveLength(2);
    client.world.tokens.issue();
    for (let i = 0; i < 13; i++) {
      client.world.page.online();
      client.world.page.show();
      client.world.page.focus();
      client.world.server.last.send({ type: 'auth_expiring_soon', expires_in: 110 });
      await client.world.clock.advance(500);
    }
    expect(client.world.tokens.calls).toHaveLength(2);
    await client.world.clock.advance(1_300);
    expect(client.world.tokens.calls).toHaveLength(3);
    const third = callMoments(client.trace)[2]!;
    expect(third - limited).toBeGreaterThanOrEqual(7_000);
    expect(third - limited).toBeLessThanOrEqual(7_700);
    await client.end();
  });

  it('T14 a delay that is named absurdly long is cut to five minutes', async () => {
    for (const retryAfterMs of [1e15, Infinity, 24 * 3_600_000]) {
      const client = clientInWorld();
      client.world.tokens.answer(() => unavailable({ retryAfterMs }));
      client.socket.connect();
      await client.world.clock.advance(0);
      client.world.tokens.issue();
      await client.world.clock.advance(5.5 * minute);
      expect(client.socket.getStatus().link).toBe('open');
      await client.end();
    }
  });

  it('T20 fifty callers who want a token share one call and one value', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ forceRefresh: fc.boolean(), minValidityMs: fc.integer({ min: 0, max: minute }) }),
          {
            minLength: 50,
            maxLength: 50,
          },
        ),
        async requests => {
          const client = clientInWorld();
          client.world.tokens.hang();
          const answers = requests.map(request => client.socket.getToken(request));
          await client.world.clock.advance(2_000);
          expect(client.world.tokens.calls.length).toBe(1);
          client.world.tokens.issue();
          const tokens = await Promise.all(answers);
          expect(new Set(tokens).size).toBe(1);
          expect(client.world.tokens.calls.length).toBe(1);
          await client.end();
        },
      ),
      { numRuns: 20 },
    );
  });

  it('T20 fifty callers during a refresh of an open link share it with the client itself', async () => {
    const client = clientInWorld();
    await client.open(stable);
    const held = await client.socket.getToken();
    client.world.tokens.hang();
    client.world.server.last.send({ type: 'auth_expiring_soon', expires_in: 60 });
    await client.world.clock.advance(0);
    const answers = Array.from({ length: 50 }, () => client.socket.getToken({ forceRefresh: true }));
    await client.world.clock.advance(1_000);
    expect(client.world.tokens.calls).toHaveLength(2);
    client.world.tokens.issue();
    const tokens = await Promise.all(answers);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(held);
    await client.end();
  });
});

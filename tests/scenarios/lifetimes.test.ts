import { describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../src/core';
import { createTestWorld } from '../../src/testing';
import { clientInWorld } from './clientInWorld';

const minute = 60_000;

/** The lead that the client takes with its defaults. */
const leadOf = (ttl: number) => Math.min(2 * minute, ttl / 2);

interface Count {
  refreshes: number;
  msWithExpired: number;
  momentsWithoutTimer: number;
  refusedByServer: number;
}

/** Twenty refresh periods, looked at every quarter of the lead. */
async function live(
  ttl: number,
  seed: number,
  kind: 'jwt' | 'lifetime',
  skews: readonly number[],
): Promise<Count> {
  const world = createTestWorld({ tokenLifetimeMs: ttl, seed });
  const client = clientInWorld({ heartbeat: ttl < 3_600_000 ? {} : false }, world);
  // Twenty hours: without beats, and with the rarer watch of a hidden page, they take a reasonable time to run.
  if (ttl >= 3_600_000) world.page.hide();
  if (kind === 'lifetime') {
    let n = 0;
    world.tokens.answer((): TokenAnswer => ({ token: `opaque-${seed}-${(n += 1)}`, expiresInMs: ttl }));
  }
  world.clock.skew(skews[0] ?? 0);
  // A start at any phase of a second: `exp` and `iat` are whole seconds.
  await world.clock.advance((seed * 137) % 1_000);
  await client.open(0);
  const calls = world.tokens.calls.length;
  const spanMs = 20 * (ttl - leadOf(ttl));
  const stepMs = Math.max(100, leadOf(ttl) / 2);
  const count: Count = { refreshes: 0, msWithExpired: 0, momentsWithoutTimer: 0, refusedByServer: 0 };
  for (let at = 0; at < spanMs; at += stepMs) {
    if (skews[1] !== undefined && at < spanMs / 2 && at + stepMs >= spanMs / 2) world.clock.skew(skews[1]);
    await world.clock.advance(stepMs);
    const { tokenExpiresAt, session } = client.socket.getStatus();
    if (tokenExpiresAt === null || tokenExpiresAt <= world.clock.now() || session === 'stale') {
      count.msWithExpired += stepMs;
    }
    if (world.clock.pendingTimers === 0) count.momentsWithoutTimer += 1;
  }
  count.refreshes = world.tokens.calls.length - calls;
  count.refusedByServer = world.server.connections.filter(({ closed }) => closed?.by === 'server').length;
  await client.end();
  return count;
}

describe('token lifetimes', () => {
  it.each([2_000, 30_000, 70_000, 300_000, 310_000, 3_600_000])(
    'S4-C tokens of %i ms, from 50 start phases: 20 refreshes, never an expired token, always a timer',
    async ttl => {
      for (let seed = 1; seed <= 50; seed++) {
        const count = await live(ttl, seed, 'lifetime', []);
        // The jitter makes a refresh up to a tenth of the lead early.
        expect(count.refreshes, `seed ${seed}`).toBeGreaterThanOrEqual(19);
        expect(count.refreshes, `seed ${seed}`).toBeLessThanOrEqual(21);
        expect(count).toMatchObject({ msWithExpired: 0, momentsWithoutTimer: 0, refusedByServer: 0 });
      }
    },
  );

  it.each([30_000, 70_000, 300_000, 310_000, 3_600_000])(
    'S4-C JWTs of %i ms, whose times are whole seconds: the same',
    async ttl => {
      for (let seed = 1; seed <= 10; seed++) {
        const count = await live(ttl, seed, 'jwt', []);
        expect(count.refreshes, `seed ${seed}`).toBeGreaterThanOrEqual(19);
        expect(count.refreshes, `seed ${seed}`).toBeLessThanOrEqual(21);
        expect(count).toMatchObject({ msWithExpired: 0, momentsWithoutTimer: 0, refusedByServer: 0 });
      }
    },
  );

  for (const kind of ['jwt', 'lifetime'] as const) {
    it.each([
      ['10 min ahead', [10 * minute]],
      ['10 min behind', [-10 * minute]],
      ['right, then 10 min ahead', [0, 10 * minute]],
      ['right, then 10 min behind', [0, -10 * minute]],
    ] as const)(
      `S4-D ${kind} tokens under a clock that is %s: none is refused by the server`,
      async (_name, skews) => {
        for (const ttl of [70_000, 300_000, 3_600_000]) {
          const count = await live(ttl, 5, kind, skews);
          expect(count.refusedByServer, `${ttl}`).toBe(0);
          expect(count.momentsWithoutTimer).toBe(0);
          expect(count.refreshes).toBeGreaterThanOrEqual(19);
          // After the jump a JWT looks expired on arrival and is asked for once more, which measures the clock.
          const extra = kind === 'jwt' && skews.length === 2 ? 1 : 0;
          expect(count.refreshes).toBeLessThanOrEqual(21 + extra);
        }
      },
    );
  }
});

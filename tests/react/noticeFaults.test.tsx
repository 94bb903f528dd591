import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectionNotice } from '../../src/index';
import { close, noticeInWorld, type NoticeInWorld } from './noticeInWorld';

const minShown = 1_000;

type Step = { deed: keyof typeof deeds; ms: number };

/** What may happen to a client; whatever is impossible at the moment does nothing. */
const deeds = {
  nothing: () => {},
  drop: ({ world }: NoticeInWorld) => world.server.connections.at(-1)?.drop(),
  halfOpen: ({ world }: NoticeInWorld) => world.server.connections.at(-1)?.halfOpen(),
  refuse: ({ world }: NoticeInWorld) => world.server.refuse(),
  hang: ({ world }: NoticeInWorld) => world.server.hang(),
  accept: ({ world }: NoticeInWorld) => world.server.accept(),
  offline: ({ world }: NoticeInWorld) => world.page.offline(),
  online: ({ world }: NoticeInWorld) => world.page.online(),
  hide: ({ world }: NoticeInWorld) => world.page.hide(),
  show: ({ world }: NoticeInWorld) => world.page.show(),
  failTokens: ({ world }: NoticeInWorld) => world.tokens.fail(3),
  forbid: (page: NoticeInWorld) => page.world.server.connections.length > 0 && close(page, 'forbidden'),
  goAway: (page: NoticeInWorld) => page.world.server.connections.length > 0 && close(page, 'going_away'),
  reconnect: ({ socket }: NoticeInWorld) => socket.reconnect(),
  disconnect: ({ socket }: NoticeInWorld) => socket.disconnect(),
  connect: ({ socket }: NoticeInWorld) => socket.connect(),
  signOut: ({ socket }: NoticeInWorld) => void socket.signOut(),
  retry: ({ socket }: NoticeInWorld) => socket.retrySession(),
  sleep: ({ world }: NoticeInWorld) => world.clock.sleep(3_600_000),
  stall: ({ world }: NoticeInWorld) => world.clock.stall(20_000),
} satisfies Record<string, (page: NoticeInWorld) => unknown>;

const step: fc.Arbitrary<Step> = fc.record({
  deed: fc.constantFrom(...(Object.keys(deeds) as (keyof typeof deeds)[])),
  ms: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 1_500 }) },
    { weight: 2, arbitrary: fc.integer({ min: 1_500, max: 8_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 8_000, max: 60_000 }) },
  ),
});

/** The end of a session, or of that end. */
const isOfAnother = (former: ConnectionNotice, next: ConnectionNotice | null) =>
  (former.kind === 'signed-out') !== (next?.kind === 'signed-out');

describe('over random faults', () => {
  it('no two changes come within minShownMs, and nothing is told once the link has been open for that long', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 4, maxLength: 25, size: 'max' }),
        fc.nat(1_000),
        fc.constantFrom(0, 200, 5_000),
        async (steps, seed, lostAfterMs) => {
          const page = noticeInWorld({ seed, client: { lostAfterMs } });
          try {
            for (const { deed, ms } of [{ deed: 'nothing', ms: 1_000 } as Step, ...steps]) {
              await deeds[deed](page);
              await page.pass(ms);
              const { link, session } = page.socket.getStatus();
              if (link === 'open' && ms > minShown) {
                const isLong = page.told.at(-1)!.at < page.world.platform.clock.elapsedMs() - minShown;
                const last = page.told.at(-1)!;
                // It may have opened just now.
                if (isLong && last.notice !== null) {
                  await page.pass(minShown);
                  if (page.socket.getStatus().link === 'open') expect(page.notice).toBeNull();
                }
              }
              if (session !== 'signed-out') expect(page.notice?.kind).not.toBe('signed-out');
            }
            page.told.forEach(({ at, notice, status }, index) => {
              seen.add(notice?.kind ?? 'none');
              if (notice) {
                expect(notice.since).toBeLessThanOrEqual(page.world.clock.now());
                if (notice.kind === 'blocked') expect(status.stopReason).not.toBe('disconnected');
                else if (notice.kind !== 'signed-out') expect(status.lost).toBe(true);
              }
              const former = page.told[index - 1];
              if (index < 2 || !former) return;
              if (former.notice && isOfAnother(former.notice, notice)) return;
              expect(at - former.at).toBeGreaterThanOrEqual(minShown);
              const isSameLoss = former.status.connection === status.connection;
              if (isSameLoss && former.notice && notice) expect(notice.since).toBe(former.notice.since);
            });

            page.world.server.accept();
            page.world.page.show();
            page.world.page.online();
            // What the server said while the browser was offline arrives, a refusal perhaps.
            await page.pass(5_000);
            page.socket.retrySession();
            page.socket.reconnect();
            await page.pass(90_000);
            expect(page.socket.getStatus().link).toBe('open');
            expect(page.notice).toBeNull();
            page.socket.disconnect();
            page.unmount();
            await page.pass(20_000);
            expect(page.world.clock.pendingTimers).toBe(0);
          } finally {
            page.end();
          }
        },
      ),
      { numRuns: 200 },
    );
    // A walk that meets no notice would prove nothing.
    expect(seen).toEqual(new Set(['none', 'blocked', 'offline', 'reconnecting', 'signed-out']));
  });
});

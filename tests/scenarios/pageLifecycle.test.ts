import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Page, PageSignal } from '../../src/core';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { clientInWorld } from './clientInWorld';

/** A page that says "offline" while the network works. */
function lyingPage(world: TestWorld): { page: Page; signal(signal: PageSignal): void } {
  const real = world.platform.page!;
  let tell: ((signal: PageSignal) => void) | null = null;
  return {
    signal: signal => tell?.(signal),
    page: {
      href: real.href,
      isVisible: () => real.isVisible(),
      isOnline: () => false,
      requestFrame: callback => real.requestFrame(callback),
      subscribe(listener) {
        tell = listener;
        return real.subscribe(listener);
      },
    },
  };
}

const stable = 6_000;
const minutes = (n: number) => n * 60_000;

describe('a page that hides, freezes, leaves and comes back', () => {
  it('L01 ten minutes hidden with timers once a minute: no false death, and the token is fresh at the next look', async () => {
    const client = clientInWorld({}, { throttleHiddenTimers: true, tokenLifetimeMs: minutes(15) });
    await client.open(stable);
    client.world.page.hide();
    await client.world.clock.advance(minutes(10));
    expect(client.world.server.dials).toHaveLength(1);
    await client.world.clock.advance(minutes(10));
    client.world.page.show();
    await client.world.clock.advance(2_000);
    expect(client.world.server.dials).toHaveLength(1);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', lost: false });
    expect(client.socket.getStatus().tokenExpiresAt! - client.world.clock.now()).toBeGreaterThan(minutes(1));
    await client.end();
  });

  it('L02 a link that died while hidden and waits is dialled within 0.5 s of the next look, once without its backoff', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.page.hide();
    client.world.server.refuse();
    client.world.server.last.drop();
    await client.world.clock.advance(minutes(2));
    expect(client.socket.getStatus().link).toBe('waiting');
    client.world.server.accept();
    while (client.socket.getStatus().link !== 'waiting') await client.world.clock.advance(100);
    client.world.page.show();
    await client.world.clock.advance(550);
    expect(client.socket.getStatus().link).toBe('open');
    await client.end();
  });

  it('L03 freeze closes the link and sets no timer; resume opens another', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.page.hide();
    client.world.page.freeze();
    await client.world.clock.advance(0);
    expect(client.world.server.last.isOpen).toBe(false);
    expect(client.world.clock.pendingTimers).toBe(0);
    await client.world.clock.advance(minutes(5));
    expect(client.world.server.dials).toHaveLength(1);
    client.world.page.resume();
    client.world.page.show();
    await client.world.clock.advance(600);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2, session: 'valid' });
    expect(client.world.server.dials).toHaveLength(2);
    await client.end();
  });

  it('L05 a page that is navigated away from closes its socket at once, 1000', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.page.pagehide({ persisted: true });
    await client.world.clock.advance(0);
    expect(client.world.server.last.isOpen).toBe(false);
    expect((client.world.server.last as unknown as { closed: { code: number } }).closed.code).toBe(1000);
    client.socket.destroy();
  });

  it('L06 a page restored from the back/forward cache has one new socket and no message of the old', async () => {
    const client = clientInWorld();
    await client.open(stable);
    const old = client.world.server.last;
    client.world.page.pagehide({ persisted: true });
    client.world.page.freeze();
    await client.world.clock.advance(minutes(3));
    old.send({ type: 'from-the-past' });
    client.world.page.resume();
    client.world.page.show();
    client.world.page.pageshow({ persisted: true });
    await client.world.clock.advance(2_000);
    expect(client.world.server.dials).toHaveLength(2);
    expect(client.socket.getStatus().link).toBe('open');
    expect(client.messages).toEqual([]);
    await client.end();
  });

  it('L05 L10 a dial under way is closed at once when the page goes, even while CONNECTING', async () => {
    const client = clientInWorld();
    client.world.server.hang();
    client.socket.connect();
    await client.world.clock.advance(1_000);
    client.world.page.pagehide({ persisted: false });
    await client.world.clock.advance(0);
    expect(client.world.openSockets).toBe(0);
    expect(client.ends).toEqual([]);
    expect(client.socket.getStatus().session).toBe('valid');
    client.socket.destroy();
  });

  it('L07 an offline event on a working network is a probe, not a loss', async () => {
    const world = createTestWorld();
    const lying = lyingPage(world);
    const client = clientInWorld({ platform: { ...world.platform, page: lying.page } }, world);
    await client.open(stable);
    const pings = () =>
      client.world.server.last.received.filter(f => (f as { type: string }).type === 'ping').length;
    const before = pings();
    lying.signal('offline');
    await client.world.clock.advance(5_000);
    expect(pings()).toBeGreaterThan(before);
    expect(client.world.server.dials).toHaveLength(1);
    await client.end();
  });

  it('L08 navigator.onLine stuck at false: it still tries, every 30 s, and opens', async () => {
    const world = createTestWorld();
    const { page } = lyingPage(world);
    const client = clientInWorld({ platform: { ...world.platform, page } }, world);
    world.server.refuse();
    client.socket.connect();
    await world.clock.advance(1_000);
    expect(client.socket.getStatus()).toMatchObject({ link: 'waiting', waitingFor: 'online' });
    await world.clock.advance(minutes(2));
    expect(world.server.dials.length).toBeGreaterThanOrEqual(4);
    expect(world.server.dials.length).toBeLessThanOrEqual(6);
    world.server.accept();
    await world.clock.advance(30_500);
    expect(client.socket.getStatus().link).toBe('open');
    await client.end();
  });

  it('L09 whatever wake events come while CONNECTING, there is no second socket', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('show', 'focus', 'online', 'hide', 'advance'), { maxLength: 12 }),
        async signals => {
          const client = clientInWorld();
          client.world.server.hang();
          client.socket.connect();
          await client.world.clock.advance(100);
          for (const signal of signals) {
            if (signal === 'advance') await client.world.clock.advance(300);
            else client.world.page[signal as 'show']();
          }
          await client.world.clock.advance(700);
          expect(client.world.server.dials).toHaveLength(1);
          client.world.server.accept();
          await client.world.clock.advance(1_000);
          expect(client.socket.getStatus().link).toBe('open');
          expect(client.world.openSockets).toBe(1);
          client.socket.destroy();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('L11 a zombie that says OPEN on resume is probed and replaced within its deadline', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.last.halfOpen();
    client.world.page.hide();
    await client.world.clock.advance(2_000);
    client.world.page.show();
    await client.world.clock.advance(3_600);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    await client.end();
  });

  it('S2-D four wake events within 100 ms make at most one new socket', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.page.hide();
    client.world.server.last.drop();
    await client.world.clock.sleep(minutes(3));
    client.world.page.show();
    await client.world.clock.advance(30);
    client.world.page.focus();
    client.world.page.pageshow({ persisted: false });
    client.world.page.online();
    await client.world.clock.advance(30_000);
    expect(client.world.server.dials).toHaveLength(2);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    await client.end();
  });

  it('S2-D a half-open link is replaced at most 5 s after the page is visible', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.page.hide();
    await client.world.clock.advance(20_000);
    client.world.server.last.halfOpen();
    await client.world.clock.advance(1_000);
    client.world.page.show();
    await client.world.clock.advance(5_000);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    await client.end();
  });

  it('S2-D hidden for over 5 min with throttled timers: second connection at most 130 s after the last frame', async () => {
    for (const phase of [0, 10, 20, 30, 40, 50]) {
      const client = clientInWorld({}, { throttleHiddenTimers: true, seed: 3 + phase });
      await client.open(stable);
      client.world.page.hide();
      await client.world.clock.advance(minutes(8) + phase * 1_000);
      expect(client.world.server.dials).toHaveLength(1);
      client.world.server.last.send({ type: 'last' });
      await client.world.clock.advance(0);
      client.world.server.last.halfOpen();
      const since = client.world.clock.now();
      while (client.world.server.dials.length === 1 && client.world.clock.now() - since < 200_000) {
        await client.world.clock.advance(500);
      }
      expect(client.world.clock.now() - since).toBeLessThanOrEqual(130_000);
      await client.end();
    }
  });

  it('K05 P1f a healthy link is kept over a stall of 5, 8, 30 and 60 s, though every timer was overdue first', async () => {
    for (const stall of [5_000, 8_000, 30_000, 60_000]) {
      const client = clientInWorld();
      await client.open(stable);
      await client.world.clock.advance(24_500);
      await client.world.clock.stall(stall);
      await client.world.clock.advance(20_000);
      expect(client.world.server.dials).toHaveLength(1);
      expect(client.socket.getStatus().link).toBe('open');
      await client.end();
    }
  });

  it('lost stays false over a sleep and the reconnect after it, and turns true after 5 visible seconds without a link', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.refuse();
    client.world.server.last.drop();
    await client.world.clock.advance(2_000);
    await client.world.clock.sleep(minutes(60));
    client.world.page.focus();
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus().lost).toBe(false);
    await client.world.clock.advance(2_500);
    expect(client.socket.getStatus().lost).toBe(true);
    client.world.server.accept();
    await client.world.clock.advance(5_000);
    expect(client.socket.getStatus()).toMatchObject({ lost: false, link: 'open' });
    await client.end();
  });

  it('one drop after a stable life, visible: messages flow again within 0.6 s at the median of 20', async () => {
    const gaps: number[] = [];
    for (let seed = 1; seed <= 20; seed++) {
      const client = clientInWorld({}, { seed });
      await client.open(stable);
      client.world.server.last.drop();
      const at = client.world.clock.now();
      while (client.socket.getStatus().connection < 2) await client.world.clock.advance(10);
      gaps.push(client.world.clock.now() - at);
      client.socket.destroy();
    }
    expect(gaps.sort((a, b) => a - b)[10]).toBeLessThanOrEqual(600);
  });
});

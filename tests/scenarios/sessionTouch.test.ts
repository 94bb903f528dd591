import { describe, expect, it } from 'vitest';
import type { AuthSocketOptions } from '../../src/core';
import { createTestWorld } from '../../src/testing';
import { clientInWorld, type ClientInWorld } from './clientInWorld';
import { ServerSession } from './serverSession';

const stable = 6_000;
const minutes = (n: number) => n * 60_000;

interface Watched extends ClientInWorld {
  session: ServerSession;
}

type KeepsSession = NonNullable<Exclude<AuthSocketOptions['heartbeat'], false>>['keepsSession'];

/** A client whose server ends the session after 30 min without a sign of life. */
async function openWatched(keepsSession?: KeepsSession): Promise<Watched> {
  const world = createTestWorld();
  const session = new ServerSession(world);
  const heartbeat = keepsSession ? { keepsSession } : {};
  const client = clientInWorld({ getToken: session.source, heartbeat }, world);
  await client.open(stable);
  return { ...client, session };
}

const pingsOf = ({ world }: ClientInWorld) =>
  world.server.connections
    .flatMap(({ received }) => received as { type: string; idle?: boolean }[])
    .filter(({ type }) => type === 'ping');

function expectOneTouchAMinute(touches: readonly number[]): void {
  for (const [index, at] of touches.entries())
    if (index > 0) expect(at - touches[index - 1]!).toBeGreaterThanOrEqual(60_000);
}

async function expectEndedOnce(client: Watched): Promise<void> {
  const [dials, calls] = [client.world.server.dials.length, client.world.tokens.calls.length];
  await client.world.clock.advance(minutes(30));
  expect(client.ends).toEqual([
    { reason: 'session_expired', by: 'token-source', at: expect.any(Number) as number },
  ]);
  expect(client.socket.getStatus()).toMatchObject({ session: 'signed-out', link: 'stopped' });
  expect(client.world.server.dials).toHaveLength(dials);
  expect(client.world.tokens.calls).toHaveLength(calls);
  expect(client.world.clock.pendingTimers).toBe(0);
  expect(client.errors).toEqual([]);
  await client.end();
}

describe('two hours without a message, a heartbeat of 25 s and a session of 30 min', () => {
  it('S3-E by default the heartbeat keeps the session, with at most one touch a minute', async () => {
    const client = await openWatched();
    await client.session.pass(minutes(120));
    expect(client.session.endedAt).toBeNull();
    expect(client.ends).toEqual([]);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 1 });
    expect(client.session.touches.length).toBeGreaterThan(60);
    expect(client.session.touches.length).toBeLessThanOrEqual(120);
    expectOneTouchAMinute(client.session.touches);
    expect(pingsOf(client).filter(({ idle }) => idle)).toEqual([]);
    await client.end();
  });

  it('S3-E with "while-used" and nobody there the server ends it, once, and the source says so', async () => {
    const client = await openWatched('while-used');
    const startedAt = client.world.server.now() - stable;
    await client.session.pass(minutes(120));
    expect(client.session.touches).toEqual([]);
    expect(client.session.endedAt! - startedAt).toBe(minutes(30));
    expect(pingsOf(client).every(({ idle }) => idle === true)).toBe(true);
    // The token was renewed meanwhile: renewing is no use.
    expect(client.world.tokens.calls.map(({ reason }) => reason)).toContain('expiring');
    expect(client.world.tokens.calls.at(-1)).toMatchObject({ reason: 'rejected', forceRefresh: true });
    await expectEndedOnce(client);
  });
});

describe('a page in use', () => {
  it('S3-E keeps its session with "while-used", and loses it 30 min after the last use', async () => {
    const client = await openWatched('while-used');
    let second = 0;
    await client.session.pass(minutes(60), () => {
      second += 1;
      if (second % 20 === 0) client.world.page.use();
    });
    expect(client.session.endedAt).toBeNull();
    expectOneTouchAMinute(client.session.touches);
    const leftAt = client.world.server.now();
    await client.session.pass(minutes(32));
    expect(client.session.endedAt! - leftAt).toBeGreaterThan(minutes(29));
    expect(client.session.endedAt! - leftAt).toBeLessThan(minutes(31));
    await expectEndedOnce(client);
  });

  it('S3-E reports a single key press, at whatever moment between two pings it comes', async () => {
    for (let phase = 0; phase < 26_000; phase += 500) {
      const client = clientInWorld({ heartbeat: { keepsSession: 'while-used' } });
      await client.open(stable);
      await client.world.clock.advance(minutes(2) + phase);
      const before = pingsOf(client).length;
      client.world.page.use();
      await client.world.clock.advance(minutes(1));
      const reported = pingsOf(client)
        .slice(before)
        .filter(({ idle }) => idle !== true);
      expect(reported.length, `${phase} ms after a ping`).toBeGreaterThan(0);
      await client.world.clock.advance(minutes(1));
      expect(pingsOf(client).at(-1)).toEqual({ type: 'ping', idle: true });
      client.socket.destroy();
    }
  });

  it('A13 a thousand messages a minute touch the session once a minute', async () => {
    const client = await openWatched();
    let sent = 0;
    await client.session.pass(minutes(10), () => {
      for (let burst = 0; burst < 17; burst += 1) client.socket.send({ type: 'note', n: (sent += 1) });
    });
    expect(sent).toBeGreaterThanOrEqual(10_000);
    expect(client.drops).toEqual([]);
    expect(client.session.touches.length).toBeGreaterThanOrEqual(9);
    expect(client.session.touches.length).toBeLessThanOrEqual(10);
    expectOneTouchAMinute(client.session.touches);
    await client.end();
  });

  it('A13 messages of the application count with "while-used", too', async () => {
    const client = await openWatched('while-used');
    let second = 0;
    await client.session.pass(minutes(60), () => {
      second += 1;
      if (second % 600 === 0) client.socket.send({ type: 'note' });
    });
    expect(client.session.endedAt).toBeNull();
    expect(client.session.touches).toHaveLength(6);
    await client.end();
  });
});

describe.each(['always', 'while-used'] as const)('a page that does not run, with "%s"', keepsSession => {
  it('A13 touches nothing while it is frozen, and its user is told once after the session has ended', async () => {
    const client = await openWatched(keepsSession);
    await client.session.pass(minutes(5), () => client.world.page.use());
    expect(client.session.touches.length).toBeGreaterThanOrEqual(3);
    client.world.page.hide();
    client.world.page.freeze();
    // What left before the freeze has arrived.
    await client.session.pass(1_000);
    const touches = client.session.touches.length;
    await client.session.pass(minutes(35));
    expect(client.session.touches).toHaveLength(touches);
    expect(client.session.endedAt).not.toBeNull();
    expect(client.ends).toEqual([]);
    client.world.page.resume();
    client.world.page.show();
    await client.session.pass(10_000);
    await expectEndedOnce(client);
  });

  it('A13 a short freeze touches nothing and costs nobody the session', async () => {
    const client = await openWatched(keepsSession);
    await client.session.pass(minutes(5), () => client.world.page.use());
    client.world.page.hide();
    client.world.page.freeze();
    await client.session.pass(1_000);
    const touches = client.session.touches.length;
    await client.session.pass(minutes(20));
    expect(client.session.touches).toHaveLength(touches);
    client.world.page.resume();
    client.world.page.show();
    await client.session.pass(minutes(2), () => client.world.page.use());
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    expect(client.session.touches.length).toBeGreaterThan(touches);
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('A13 touches nothing while it hangs, and its user is told once after the session has ended', async () => {
    const client = await openWatched(keepsSession);
    await client.session.pass(minutes(5), () => client.world.page.use());
    const { touches } = client.session;
    const before = touches.length;
    const hungAt = client.world.server.now();
    await client.world.clock.stall(minutes(35));
    client.session.look();
    expect(touches).toHaveLength(before);
    expect(client.session.endedAt! - hungAt).toBeLessThanOrEqual(minutes(30));
    await client.session.pass(10_000);
    await expectEndedOnce(client);
  });
});

it('A14 35 idle minutes under a session of 30: signed out once, with the reason, and nothing else happens', async () => {
  const client = await openWatched('while-used');
  await client.session.pass(minutes(35));
  // The close said "expired": one question to the source, whose word it was.
  expect(client.world.tokens.calls.filter(({ forceRefresh }) => forceRefresh)).toHaveLength(1);
  expect(client.world.server.dials).toHaveLength(1);
  expect(client.socket.getStatus().lastClose).toMatchObject({ code: 1008, verdict: 'expired' });
  await expect(client.socket.getToken()).rejects.toMatchObject({ code: 'signed-out' });
  await expectEndedOnce(client);
});

import { describe, expect, it } from 'vitest';
import {
  createAuthSocket,
  signedIn,
  type TokenAnswer,
  type TokenRequest,
  type TokenSource,
} from '../../src/core';
import { freshSource } from '../../src/runtime/tokenSource';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { clientInWorld } from './clientInWorld';

const minute = 60_000;
const hour = 60 * minute;
const life = 5 * minute;

/** A session without a link, so that nothing but token, clock and source decides. */
function sessionInWorld(world: TestWorld, answer: (request: TokenRequest) => TokenAnswer, isFresh = false) {
  const calls: { at: number; forceRefresh: boolean }[] = [];
  const getToken = (request: TokenRequest) => {
    calls.push({ at: world.server.now(), forceRefresh: request.forceRefresh });
    return answer(request);
  };
  const source: TokenSource = isFresh ? freshSource(getToken) : getToken;
  const socket = createAuthSocket({ getToken: source, platform: world.platform });
  socket.connect();
  return { socket, calls };
}

/** A JWT of five minutes, made at this moment of the true time. */
const jwtOf = (world: TestWorld, jti = 'first') => {
  const iat = Math.floor(world.server.now() / 1_000);
  return unsignedJwt({ sub: 'ada', iat, exp: iat + life / 1_000, jti });
};

type Source = (world: TestWorld) => () => TokenAnswer;

/** The same answer every time, as from a cache that nobody renews. */
const always =
  (make: (world: TestWorld) => TokenAnswer): Source =>
  world => {
    const answer = make(world);
    return () => answer;
  };

const sameJwt = always(world => jwtOf(world));

/** What happened to the clock or to the machine a minute after the first token. */
const nothing = async () => {};
const clockSet = (ms: number) => async (world: TestWorld) => world.clock.skew(ms);
const asleep = (ms: number) => (world: TestWorld) => world.clock.sleep(ms);

const stale: readonly [session: string, tokenIsKnown: boolean] = ['stale', false];
const valid: readonly [session: string, tokenIsKnown: boolean] = ['valid', true];

/** Source, what the clock is ahead by from the start, what happens to it, and the session 10 min after the lapse. */
const table: readonly (readonly [
  title: string,
  source: Source,
  aheadMs: number,
  event: (world: TestWorld) => Promise<void>,
  isFresh: boolean,
  expected: readonly [session: string, tokenIsKnown: boolean],
])[] = [
  // The life is over, and nobody says anything new of it.
  ['the same JWT', sameJwt, 0, nothing, false, stale],
  ['the same JWT, from a source that is fresh by its kind', sameJwt, 0, nothing, true, stale],
  ['the same JWT, after a sleep over its end', sameJwt, 0, asleep(8 * hour), false, stale],
  ['the same JWT, on a clock two hours ahead', sameJwt, 2 * hour, nothing, false, stale],
  ['the same JWT, on a clock two hours ahead, after a sleep', sameJwt, 2 * hour, asleep(hour), false, stale],
  ['the same JWT, on a clock two hours behind', sameJwt, -2 * hour, nothing, false, stale],
  [
    'the same JWT, on a clock two hours behind, from a fresh source',
    sameJwt,
    -2 * hour,
    nothing,
    true,
    stale,
  ],
  [
    'the same JWT, on a clock that was set ahead by a year',
    sameJwt,
    0,
    clockSet(365 * 24 * hour),
    false,
    stale,
  ],
  [
    'the same token with the time of its end',
    always(world => ({ token: 'opaque', expiresAt: world.server.now() + life })),
    0,
    nothing,
    false,
    stale,
  ],
  // Every answer is a word about the life to come.
  [
    'the same token with a lifetime',
    always(() => ({ token: 'opaque', expiresInMs: life })),
    0,
    nothing,
    false,
    valid,
  ],
  ['a cookie with a lifetime', always(() => signedIn({ expiresInMs: life })), 0, nothing, false, valid],
  // A token without a known end does not lapse.
  ['the same opaque token', always(() => 'opaque'), 0, nothing, false, ['valid', false]],
  [
    'the same opaque token, after a sleep',
    always(() => 'opaque'),
    0,
    asleep(8 * hour),
    false,
    ['valid', false],
  ],
  // Another token is another life.
  [
    'a JWT made in answer',
    world => {
      let n = 0;
      return () => jwtOf(world, `n${(n += 1)}`);
    },
    -2 * hour,
    asleep(hour),
    false,
    valid,
  ],
];

describe('a token that has come to its end, and what the source answers then', () => {
  it.each(table)('T03 T09 %s: the table says what becomes of the session', async (...row) => {
    const [, source, aheadMs, event, isFresh, [session, tokenIsKnown]] = row;
    const world = createTestWorld();
    world.clock.skew(aheadMs);
    const { socket, calls } = sessionInWorld(world, source(world), isFresh);
    await world.clock.advance(minute);
    expect(socket.getStatus().session).toBe('valid');
    await event(world);
    await world.clock.advance(life + 10 * minute);
    const { session: after, tokenExpiresAt } = socket.getStatus();
    expect([after, tokenExpiresAt !== null]).toEqual([session, tokenIsKnown]);
    // The source is asked on, and never at once: at most the half of the ladder's longest step apart.
    const late = calls.filter(({ at }) => at > world.server.now() - 5 * minute);
    if (session === 'stale') expect(late.length).toBeGreaterThanOrEqual(10);
    expect(late.length).toBeLessThanOrEqual(21);
    const gaps = calls.slice(1).map(({ at }, n) => at - calls[n]!.at);
    expect(gaps.filter(ms => ms === 0).length).toBeLessThanOrEqual(2);
    socket.destroy();
  });

  it('T03 a stale session goes on with the first other token', async () => {
    const world = createTestWorld();
    let token = jwtOf(world);
    const { socket } = sessionInWorld(world, () => token);
    await world.clock.advance(life + 10 * minute);
    expect(socket.getStatus().session).toBe('stale');
    token = jwtOf(world, 'second');
    await world.clock.advance(30_000);
    expect(socket.getStatus()).toMatchObject({ session: 'valid' });
    expect(await socket.getToken()).toBe(token);
    socket.destroy();
  });

  it('K03 a clock that is put right, two years ahead, leaves a token in use that still lives by it, and not beyond its end', async () => {
    const world = createTestWorld();
    world.clock.skew(-2 * 365 * 24 * hour);
    const token = unsignedJwt({
      sub: 'ada',
      iat: world.server.now() / 1_000,
      exp: (world.server.now() + 24 * hour) / 1_000,
    });
    const { socket } = sessionInWorld(world, () => token, true);
    await world.clock.advance(minute);
    world.clock.skew(2 * 365 * 24 * hour);
    await world.clock.advance(minute);
    expect(socket.getStatus()).toMatchObject({ session: 'valid' });
    expect(socket.getStatus().tokenExpiresAt! - world.clock.now()).toBeLessThanOrEqual(24 * hour);
    await world.clock.advance(24 * hour);
    expect(socket.getStatus()).toMatchObject({ session: 'stale' });
    socket.destroy();
  });

  it('T03 an opaque token whose end the server had named is shown to it again: it is for the server to say', async () => {
    const client = clientInWorld({ getToken: () => 'opaque' });
    const { world, socket } = client;
    await client.open();
    world.server.last.send({ type: 'auth_ok', expires_in: 60 });
    expect(socket.getStatus().link).toBe('open');
    await world.clock.advance(10 * minute);
    expect(socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    await client.end();
  });

  it('T09 no dial leaves with a token that has lapsed, whatever the source says of it', async () => {
    const world = createTestWorld();
    const token = jwtOf(world);
    const client = clientInWorld({ getToken: () => token, heartbeat: false }, world);
    const { socket } = client;
    await client.open();
    world.server.auto = false;
    await world.clock.advance(life);
    expect(socket.getStatus()).toMatchObject({ session: 'stale', link: 'open' });
    const dials = world.server.dials.length;
    world.server.last.drop();
    await world.clock.advance(10 * minute);
    expect(world.server.dials).toHaveLength(dials);
    expect(socket.getStatus()).toMatchObject({ session: 'stale', waitingFor: 'token' });
    expect(client.ends).toEqual([]);
    await client.end();
  });
});

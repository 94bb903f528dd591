import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RedisSessionStore } from './redisSessionStore';
import { MemorySessionStore, StoreUnavailable, type Session, type SessionStore } from './sessionStore';
import { startRedis, type Redis } from './startRedis';

const lifeMs = 60_000;
const keeping = { throttleMs: 0, lifeMs };
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

let redis: Redis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.close());

let lastId = 0;
const newSession = (changes: Partial<Session> = {}): Session => ({
  id: `session-${(lastId += 1)}`,
  user: 'ada',
  createdAt: 1_000,
  touchedAt: 1_000,
  generation: 1,
  rotatedAt: 1_000,
  endedBy: null,
  ...changes,
});

describe.each(['memory', 'redis'] as const)('sessions in %s', kind => {
  let store: SessionStore;

  beforeEach(async context => {
    if (kind === 'memory') {
      store = new MemorySessionStore();
      return;
    }
    const connected = await RedisSessionStore.connect(redis.url, { prefix: `${context.task.id}:` });
    store = connected;
    return () => connected.close();
  });

  async function created(changes: Partial<Session> = {}): Promise<Session> {
    const session = newSession(changes);
    await store.create(session, lifeMs);
    return session;
  }

  it('are found as they were put in, whatever the user is called', async () => {
    for (const user of ['ada', 'a b@c.d', 'user:*', '名前', '__proto__']) {
      const session = await created({ user });
      expect(await store.find(session.id)).toEqual(session);
      expect(await store.idsOfUser(user)).toEqual([session.id]);
    }
  });

  it('that never were are not found, rotated, touched or ended', async () => {
    expect(await store.find('nobody')).toBeNull();
    expect(await store.rotate('nobody', 1, 2_000)).toBe(false);
    expect(await store.touch('nobody', 2_000, keeping)).toBe(false);
    expect(await store.end('nobody', 'revoked')).toBe(false);
    expect(await store.find('nobody')).toBeNull();
    expect(await store.idsOfUser('nobody')).toEqual([]);
  });

  it('what is found is a copy: changing it changes nothing', async () => {
    const { id } = await created();
    (await store.find(id))!.generation = 99;
    expect(await store.find(id)).toMatchObject({ generation: 1 });
  });

  it('rotate from the current cookie only, once', async () => {
    const { id } = await created();
    expect(await store.rotate(id, 2, 2_000)).toBe(false);
    expect(await store.rotate(id, 1, 2_000)).toBe(true);
    expect(await store.rotate(id, 1, 3_000)).toBe(false);
    expect(await store.find(id)).toMatchObject({ generation: 2, rotatedAt: 2_000, touchedAt: 1_000 });
  });

  it('twenty rotations of one cookie at once: exactly one wins, and one is left to win next', async () => {
    const { id } = await created();
    for (const generation of [1, 2, 3]) {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => store.rotate(id, generation, 2_000)),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await store.find(id)).toMatchObject({ generation: generation + 1 });
    }
  });

  it('are touched at most once in the throttle time', async () => {
    const { id } = await created();
    const rule = { throttleMs: 60_000, lifeMs };
    expect(await store.touch(id, 60_999, rule)).toBe(false);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.touch(id, 61_000, rule)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await store.touch(id, 61_001, rule)).toBe(false);
    expect(await store.touch(id, 121_000, rule)).toBe(true);
    expect(await store.find(id)).toMatchObject({ touchedAt: 121_000, generation: 1 });
  });

  it('end once, for the first reason, and do nothing afterwards', async () => {
    const { id } = await created();
    const outcomes = await Promise.all([
      store.end(id, 'logged-out'),
      store.end(id, 'revoked'),
      store.end(id, 'expired'),
    ]);
    expect(outcomes).toEqual([true, false, false]);
    expect(await store.rotate(id, 1, 2_000)).toBe(false);
    expect(await store.touch(id, 90_000, keeping)).toBe(false);
    expect(await store.find(id)).toMatchObject({ endedBy: 'logged-out', generation: 1, touchedAt: 1_000 });
  });

  it('are listed by user', async () => {
    const [first, second] = [await created(), await created()];
    const other = await created({ user: 'grace' });
    expect((await store.idsOfUser('ada')).sort()).toEqual([first.id, second.id].sort());
    expect(await store.idsOfUser('grace')).toEqual([other.id]);
  });
});

describe('a sliding session in redis', () => {
  let store: RedisSessionStore;
  beforeEach(async context => {
    store = await RedisSessionStore.connect(redis.url, { prefix: `${context.task.id}:` });
    return () => store.close();
  });

  it('is absent after its life, and so is its entry in the list of its user', async () => {
    const session = newSession();
    await store.create(session, 80);
    expect(await store.find(session.id)).not.toBeNull();
    await pause(120);
    expect(await store.find(session.id)).toBeNull();
    expect(await store.rotate(session.id, 1, 2_000)).toBe(false);
    expect(await store.idsOfUser('ada')).toEqual([]);
  });

  it('lives on by touches alone: neither a lookup nor a rotation nor a throttled touch prolongs it', async () => {
    const [touched, busy] = [newSession(), newSession({ user: 'grace' })];
    await store.create(touched, 600);
    await store.create(busy, 600);
    for (let step = 1; step <= 8; step += 1) {
      await pause(100);
      await store.touch(touched.id, 1_000 + step, { throttleMs: 0, lifeMs: 600 });
      await store.rotate(busy.id, step, 2_000);
      await store.touch(busy.id, 1_000, { throttleMs: 60_000, lifeMs: 600 });
      await store.find(busy.id);
    }
    expect(await store.find(touched.id)).not.toBeNull();
    expect(await store.idsOfUser('ada')).toEqual([touched.id]);
    expect(await store.find(busy.id)).toBeNull();
  });

  it('with a fixed life is not prolonged by a touch either', async () => {
    const session = newSession();
    await store.create(session, 120);
    await pause(60);
    expect(await store.touch(session.id, 2_000, { throttleMs: 0, lifeMs: null })).toBe(true);
    await pause(100);
    expect(await store.find(session.id)).toBeNull();
  });

  it('that ended is told as ended until its life would have been over', async () => {
    const session = newSession();
    await store.create(session, 120);
    await store.end(session.id, 'revoked');
    expect(await store.find(session.id)).toMatchObject({ endedBy: 'revoked' });
    await pause(160);
    expect(await store.find(session.id)).toBeNull();
  });

  it('of a user with another one that lives longer leaves only that one in the list', async () => {
    const [short, long] = [newSession(), newSession()];
    await store.create(short, 60);
    await store.create(long, lifeMs);
    await pause(100);
    expect(await store.idsOfUser('ada')).toEqual([long.id]);
  });
});

describe('a Redis server', () => {
  it('that does not answer is no verdict about anybody: the call rejects in time, and works again later', async () => {
    const store = await RedisSessionStore.connect(redis.url, { timeoutMs: 150 });
    const session = newSession();
    await store.create(session, lifeMs);
    const goOn = redis.pause();
    try {
      await expect(store.find(session.id)).rejects.toThrow(StoreUnavailable);
      await expect(store.rotate(session.id, 1, 2_000)).rejects.toThrow(StoreUnavailable);
    } finally {
      goOn();
    }
    await expect.poll(() => store.find(session.id).catch(() => null), { timeout: 5_000 }).not.toBeNull();
    store.close();
    store.close();
  });

  it('that is gone rejects at once', async () => {
    const own = await startRedis();
    const store = await RedisSessionStore.connect(own.url, { timeoutMs: 500 });
    await own.close();
    await own.close();
    await expect(store.find('anybody')).rejects.toThrow(StoreUnavailable);
    store.close();
    await expect(RedisSessionStore.connect(own.url, { timeoutMs: 500 })).rejects.toThrow('ECONNREFUSED');
  });
});

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCookieFetch, type CookieFetch } from './cookieFetch';
import { openAuthenticated, openFrames } from './frameClient';
import { RedisSessionStore } from './redisSessionStore';
import { startReferenceServer, type ReferenceServer } from './referenceServer';
import type { ReferenceServerOptions } from './serverOptions';
import { startRedis, type Redis } from './startRedis';

let redis: Redis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.close());

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let runs = 0;
async function start(options: ReferenceServerOptions = {}, prefix = `run-${(runs += 1)}:`) {
  const store = await RedisSessionStore.connect(redis.url, { prefix, timeoutMs: 200 });
  cleanups.push(() => store.close());
  const server = await startReferenceServer({ store, streamIntervalMs: 0, expiringSoonMs: 0, ...options });
  cleanups.push(() => server.close());
  return server;
}

async function signIn(server: Pick<ReferenceServer, 'url'>) {
  const browser = createCookieFetch();
  const login = await browser(`${server.url}/auth/login`, { method: 'POST', body: '{"user":"ada"}' });
  return { browser, token: ((await login.json()) as { access_token: string }).access_token };
}

const refresh = async (browser: CookieFetch, server: Pick<ReferenceServer, 'url'>) => {
  const response = await browser(`${server.url}/auth/refresh`, { method: 'POST' });
  return { status: response.status, ...((await response.json()) as { error?: string }) };
};

describe('a server with its sessions in redis', () => {
  it('that restarts knows them all', async () => {
    const shared = { secret: 'shared' };
    const first = await start(shared, 'restart:');
    const { browser } = await signIn(first);
    await first.close();
    const second = await start({ ...shared, port: first.port }, 'restart:');
    expect(await refresh(browser, second)).toMatchObject({ status: 200 });
  });

  it('revokes a family on a replay, and of two uses of one cookie at once lets one through without grace', async () => {
    const server = await start({ refreshGraceMs: 0 });
    const { browser } = await signIn(server);
    const tabs = [browser.clone(), browser.clone()];
    const answers = await Promise.all(tabs.map(tab => refresh(tab, server)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 401]));
    expect(server.stats()).toMatchObject({ replays: 1, familiesRevoked: 1, sessionsEnded: { replayed: 1 } });
  });

  it('tells the end of a session that redis has forgotten once, closes its sockets, and denies it by name', async () => {
    const server = await start({ sessionTtlMs: 200 });
    const { browser, token } = await signIn(server);
    const clients = await Promise.all([1, 2, 3].map(() => openAuthenticated(server.wsUrl, token)));
    for (const client of clients)
      expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"session_expired"}' });
    // By now the key is gone, too, whoever was first.
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(await refresh(browser, server)).toEqual({ status: 401, error: 'session_expired' });
    const me = await fetch(`${server.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(await me.json()).toEqual({ error: 'session_expired' });
    expect(server.stats().sessionsEnded).toEqual({ expired: 1 });
  });

  it('ends one that nobody touched although its token was renewed all the time', async () => {
    const server = await start({ sessionTtlMs: 400 });
    const { browser, token } = await signIn(server);
    const client = await openAuthenticated(server.wsUrl, token);
    for (let round = 0; round < 3; round += 1) {
      await new Promise(resolve => setTimeout(resolve, 60));
      expect((await refresh(browser, server)).status).toBe(200);
    }
    expect(await client.closed).toMatchObject({ reason: '{"code":"session_expired"}' });
    expect((await client.closed).afterMs).toBeLessThan(1_000);
    expect(server.stats().touches).toBe(0);
  });

  it('keeps one that is touched, in redis as well', async () => {
    const server = await start({ sessionTtlMs: 500, touchThrottleMs: 50 });
    const { browser, token } = await signIn(server);
    const client = await openAuthenticated(server.wsUrl, token);
    const beat = setInterval(() => client.send({ type: 'ping' }), 30);
    await new Promise(resolve => setTimeout(resolve, 1_200));
    clearInterval(beat);
    expect((await refresh(browser, server)).status).toBe(200);
    expect(server.stats().touches).toBeGreaterThan(5);
    expect(await client.closed).toMatchObject({ reason: '{"code":"session_expired"}' });
  });
});

describe('while redis does not answer', () => {
  it('nobody is signed out: HTTP says 503, dials are sent away, open sockets stay, and all goes on afterwards', async () => {
    const server = await start({ socketAuth: ['first-message', 'cookie'] });
    const { browser, token } = await signIn(server);
    const open = await openAuthenticated(server.wsUrl, token);
    const other = await server.issueToken('grace');
    const lapsing = await openAuthenticated(server.wsUrl, other.token);
    const goOn = redis.pause();
    try {
      expect(await refresh(browser, server)).toEqual({ status: 503, error: 'unavailable' });
      const byCookie = await openFrames(server.wsUrl, { cookie: browser.cookieFor(server.wsUrl) });
      expect(byCookie.errors).toEqual(['Unexpected server response: 503']);
      const byMessage = await openFrames(server.wsUrl);
      byMessage.send({ type: 'auth', token });
      expect(await byMessage.closed).toMatchObject({ code: 1013 });
      open.send({ type: 'auth_refresh', id: 1, token });
      expect(await open.next('auth_error')).toMatchObject({ id: 1, code: 'unavailable', retryable: true });
      // The server looks at this socket again and learns nothing.
      await server.control({ command: 'jumpClock', ms: 1 });
      open.send({ type: 'ping' });
      await open.next('pong');
      // The end of a token needs no store.
      await server.control({ command: 'expireNow', session: other.session });
      expect(await lapsing.closed).toMatchObject({ reason: '{"code":"token_expired"}' });
    } finally {
      goOn();
    }
    await expect.poll(async () => (await refresh(browser, server)).status, { timeout: 5_000 }).toBe(200);
    open.send({ type: 'echo', id: 1 });
    await open.next('echo');
    expect(server.stats()).toMatchObject({
      sessionsEnded: {},
      authCloses: { token_expired: 1 },
      familiesRevoked: 0,
    });
    await server.control({ command: 'revokeSession', user: 'ada' });
    expect(await open.closed).toMatchObject({ reason: '{"code":"session_revoked"}' });
  });
});

it('the command keeps its sessions in the redis that REDIS_URL names', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'start.ts')], {
    env: { ...process.env, REDIS_URL: redis.url },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)));
  cleanups.push(() => void child.kill('SIGKILL'));
  const line = await new Promise<string>(resolve => child.stdout.once('data', data => resolve(String(data))));
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? line;
  await signIn({ url });
  const store = await RedisSessionStore.connect(redis.url, { prefix: 'react-auth-socket:' });
  cleanups.push(() => store.close());
  expect(await store.idsOfUser('ada')).toHaveLength(1);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
});

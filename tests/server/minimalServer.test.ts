import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuthenticated, openFrames } from './frameClient';
import { createMinimalServer, type MinimalServerOptions } from './minimalServer.mjs';

const secret = 'a secret of the minimal server';
let stop = async () => {};
let origin = '';
let received: [string, unknown][] = [];

async function start(options: Partial<MinimalServerOptions> = {}) {
  await stop();
  const server = createMinimalServer({
    secret,
    sessions: new Map([
      ['cookie-of-ada', 'ada'],
      ['cookie-of-grace', 'grace'],
    ]),
    onMessage: (user, frame, send) => {
      received.push([user, frame]);
      send({ type: 'thanks', user });
    },
    ...options,
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  origin = `http://127.0.0.1:${port}`;
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', socket => sockets.add(socket));
  stop = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
      stop = async () => {};
    });
  return `ws://127.0.0.1:${port}/ws`;
}

const refresh = (cookie?: string) =>
  fetch(`${origin}/auth/refresh`, { method: 'POST', headers: cookie ? { cookie } : {} });

async function tokenOf(user: 'ada' | 'grace'): Promise<string> {
  const answer = await refresh(`theme=dark; session=cookie-of-${user}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** A token as the server would write it, with less time to live than its whole seconds allow. */
const shortToken = (sub: string, lifeS: number) =>
  new SignJWT({ sub, exp: Date.now() / 1000 + lifeS })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));

beforeEach(() => {
  received = [];
});
afterEach(() => stop());

describe('the minimal server', () => {
  it('turns a session cookie into an access token and denies everybody else', async () => {
    await start();
    const answer = await refresh('session=cookie-of-ada');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ access_token: expect.any(String) as string, expires_in: 900 });
    const denied = await refresh('session=made-up');
    expect([denied.status, await denied.json()]).toEqual([401, { error: 'session_expired' }]);
    expect((await refresh()).status).toBe(401);
    expect((await fetch(`${origin}/auth/refresh`)).status).toBe(404);
  });

  it('authenticates by the first message and hands on every other', async () => {
    const url = await start();
    const client = await openAuthenticated(url, await tokenOf('ada'));
    expect(client.ready.expires_in).toBeGreaterThan(897);
    client.send({ type: 'ping' });
    expect(await client.next('pong')).toEqual({ type: 'pong' });
    client.send({ type: 'hello' });
    expect(await client.next('thanks')).toEqual({ type: 'thanks', user: 'ada' });
    expect(received).toEqual([['ada', { type: 'hello' }]]);
  });

  it('waits for the first message no longer than the deadline', async () => {
    const client = await openFrames(await start({ helloS: 0.08 }));
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"auth_timeout"}' });
  });

  it.each(['{"type":"hello"}', 'null', 'not json', '5'])(
    'closes when the first message is %s',
    async text => {
      const client = await openFrames(await start());
      client.socket.send(text);
      expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"auth_required"}' });
      expect(received).toEqual([]);
    },
  );

  it('turns down a token that it did not write', async () => {
    const client = await openFrames(await start());
    client.send({ type: 'auth', token: 'abc' });
    expect(await client.next('auth_error')).toMatchObject({ code: 'token_invalid', retryable: false });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"token_invalid"}' });
  });

  it('warns before the end of a token and closes at it', async () => {
    const client = await openAuthenticated(await start({ warnS: 0.25 }), await shortToken('ada', 0.5));
    expect(await client.next('auth_expiring_soon')).toEqual({ type: 'auth_expiring_soon', expires_in: 0.25 });
    expect(client.socket.readyState).toBe(1);
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"token_expired"}' });
  });

  it('takes a fresh token in band, and the socket outlives the first', async () => {
    const client = await openAuthenticated(await start(), await shortToken('ada', 0.6));
    client.send({ type: 'auth_refresh', id: 1, token: await tokenOf('ada') });
    expect(await client.next('auth_ok')).toMatchObject({ id: 1 });
    await new Promise(resolve => setTimeout(resolve, 700));
    client.send({ type: 'ping' });
    await client.next('pong');
  });

  it('keeps the socket after a refresh it cannot use', async () => {
    const client = await openAuthenticated(await start(), await tokenOf('ada'));
    client.send({ type: 'auth_refresh', id: 1, token: 'abc' });
    expect(await client.next('auth_error')).toMatchObject({ id: 1, code: 'token_invalid' });
    client.send({ type: 'ping' });
    await client.next('pong');
  });

  it('closes when the token in band belongs to somebody else', async () => {
    const client = await openAuthenticated(await start(), await tokenOf('ada'));
    client.send({ type: 'auth_refresh', id: 1, token: await tokenOf('grace') });
    expect(await client.next('auth_error')).toMatchObject({ id: 1, code: 'subject_mismatch' });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"subject_mismatch"}' });
  });
});

import type { UserManager } from 'oidc-client-ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { oidcToken } from '../../src/adapters/oidc';
import { createAuthSocket, type AuthSocket } from '../../src/core';
import { askSource } from './askSource';
import { startOpenIdProvider } from './openIdProvider';

interface Session {
  socket: AuthSocket<unknown, unknown>;
  ends: string[];
}

async function openSession(manager: UserManager): Promise<Session> {
  const ends: string[] = [];
  const socket = createAuthSocket({
    getToken: oidcToken(manager),
    reconnect: { minMs: 40, maxMs: 120 },
    onSessionExpired: ({ reason }) => ends.push(reason),
  });
  onTestFinished(() => socket.destroy());
  socket.connect();
  await expect.poll(() => socket.getStatus().session).toBe('valid');
  return { socket, ends };
}

const refreshTokenOf = async (manager: UserManager) => (await manager.getUser())?.refresh_token ?? '';

describe('a certified OpenID provider whose refresh tokens are good for one use', () => {
  it('is asked for nothing while the token of the login is good', async () => {
    const provider = await startOpenIdProvider();
    const { socket } = await openSession(await provider.signIn());
    expect(await socket.getToken()).toMatch(/^[\w-]{20,}$/);
    expect(provider.presented).toEqual([]);
  });

  it('six refreshes in a row: six tokens, each refresh token presented once, one session', async () => {
    const provider = await startOpenIdProvider();
    const manager = await provider.signIn();
    const { socket, ends } = await openSession(manager);
    const tokens = [await socket.getToken()];
    for (let round = 0; round < 6; round++) tokens.push(await socket.getToken({ forceRefresh: true }));
    expect(new Set(tokens).size).toBe(7);
    expect(provider.presented).toHaveLength(6);
    expect(new Set(provider.presented).size).toBe(6);
    expect(provider.revocations).toBe(0);
    expect(ends).toEqual([]);
  });

  it('T20 fifty callers of two clients at once: they share a token, and no refresh token is presented twice', async () => {
    const provider = await startOpenIdProvider();
    const manager = await provider.signIn();
    const [first, second] = [await openSession(manager), await openSession(manager)];
    const calls = Array.from({ length: 50 }, (_, index) =>
      (index % 2 ? first : second).socket.getToken({ forceRefresh: true }),
    );
    expect(new Set(await Promise.all(calls)).size).toBe(1);
    expect(new Set(provider.presented).size).toBe(provider.presented.length);
    expect(provider.revocations).toBe(0);
  });

  it('a token with a life of seconds is renewed by itself for as long as the client is connected', async () => {
    const provider = await startOpenIdProvider({ accessTokenS: 2 });
    const { socket, ends } = await openSession(await provider.signIn());
    await expect.poll(() => provider.presented.length, { timeout: 6_000 }).toBeGreaterThanOrEqual(2);
    expect(socket.getStatus().session).toMatch(/valid|refreshing/);
    expect(provider.revocations).toBe(0);
    expect(ends).toEqual([]);
  });
});

describe('T11 the reuse of an old refresh token', () => {
  it('is detected by the provider, and ends the session exactly once', async () => {
    const provider = await startOpenIdProvider();
    const manager = await provider.signIn();
    const { socket, ends } = await openSession(manager);
    const stolen = await refreshTokenOf(manager);
    await socket.getToken({ forceRefresh: true });

    expect(await provider.steal(stolen)).toBe('invalid_grant');
    expect(provider.revocations).toBe(1);
    // The access token in hand is still good; the next refresh brings it to light.
    expect(socket.getStatus().session).toBe('valid');
    await expect(socket.getToken({ forceRefresh: true })).rejects.toMatchObject({ code: 'signed-out' });
    await expect(socket.getToken({ forceRefresh: true })).rejects.toMatchObject({ code: 'signed-out' });
    expect(socket.getStatus().session).toBe('signed-out');
    expect(ends).toEqual(['invalid_grant']);
  });

  it('by the thief alone, while we have not refreshed, ends it as well', async () => {
    const provider = await startOpenIdProvider();
    const manager = await provider.signIn();
    const { socket, ends } = await openSession(manager);
    expect(await provider.steal(await refreshTokenOf(manager))).toBe('answered');
    await expect(socket.getToken({ forceRefresh: true })).rejects.toMatchObject({ code: 'signed-out' });
    expect(provider.revocations).toBe(1);
    expect(ends).toEqual(['invalid_grant']);
  });
});

describe('a refresh that is lost on the way', () => {
  it('before the provider read it: the same refresh token is presented again, and is good', async () => {
    const provider = await startOpenIdProvider();
    const { socket, ends } = await openSession(await provider.signIn());
    const before = await socket.getToken();
    provider.accidents.push('request-lost', 'request-lost');
    // The token in hand is good: nobody is told of the failure.
    expect(await socket.getToken({ forceRefresh: true })).toBe(before);
    expect(socket.getStatus().session).toMatch(/valid|refreshing/);
    await expect.poll(() => socket.getToken({ forceRefresh: true })).not.toBe(before);
    expect(provider.revocations).toBe(0);
    expect(ends).toEqual([]);
  });

  it('on its way back: means "not now" by itself', async () => {
    const provider = await startOpenIdProvider();
    const manager = await provider.signIn();
    const token = (await manager.getUser())?.access_token ?? '';
    provider.accidents.push('answer-lost');
    const { kind, cause } = await askSource(oidcToken(manager), {
      reason: 'rejected',
      forceRefresh: true,
      previous: { token },
    });
    expect(kind).toBe('unavailable');
    expect(cause).toBeInstanceOf(TypeError);
    expect(provider.presented).toHaveLength(1);
  });

  it('on its way back: a provider without grace then sees a reuse, says invalid_grant, and the session ends once', async () => {
    const provider = await startOpenIdProvider();
    const { socket, ends } = await openSession(await provider.signIn());
    provider.accidents.push('answer-lost');
    await socket.getToken({ forceRefresh: true });
    expect(socket.getStatus().session).not.toBe('signed-out');
    expect(ends).toEqual([]);
    await expect(socket.getToken({ forceRefresh: true })).rejects.toMatchObject({ code: 'signed-out' });
    expect(provider.revocations).toBe(1);
    expect(ends).toEqual(['invalid_grant']);
  });

  it('on its way back: a provider that does not rotate answers the next one, and nobody notices', async () => {
    const provider = await startOpenIdProvider({ rotates: false });
    const { socket, ends } = await openSession(await provider.signIn());
    const before = await socket.getToken();
    provider.accidents.push('answer-lost');
    expect(await socket.getToken({ forceRefresh: true })).toBe(before);
    expect(await socket.getToken({ forceRefresh: true })).not.toBe(before);
    expect(ends).toEqual([]);
  });
});

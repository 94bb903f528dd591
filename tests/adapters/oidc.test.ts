import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { oidcToken } from '../../src/adapters/oidc';
import { createAuthSocket, type AuthSocket, type TokenSource } from '../../src/core';
import { askSource, expiring, refused } from './askSource';
import { bareAnswer } from './bareAnswer';
import { troubles } from './identityServer';
import { oidc } from './matrix/oidc';
import { openOidcAccount } from './oidcAccount';

/** A client without a socket, with everything it said about the end of its session. */
function openSession(getToken: TokenSource): { socket: AuthSocket<unknown, unknown>; ends: string[] } {
  const ends: string[] = [];
  const socket = createAuthSocket({
    getToken,
    reconnect: { minMs: 40, maxMs: 120 },
    timeouts: { tokenMs: 500 },
    onSessionExpired: ({ reason }) => ends.push(reason),
  });
  socket.connect();
  onTestFinished(() => socket.destroy());
  return { socket, ends };
}

describe('the token of oidc-client-ts', () => {
  it('comes from the store without a request, with the time it has left and whose it is', async () => {
    const { manager, presented } = await openOidcAccount();
    const { answer } = await askSource(oidcToken(manager));
    expect(answer).toEqual({ token: 'access-1', subject: 'ada', expiresInMs: expect.any(Number) });
    const { expiresInMs } = answer as { expiresInMs: number };
    expect(expiresInMs / 1_000).toBeGreaterThan(597);
    expect(expiresInMs / 1_000).toBeLessThanOrEqual(600);
    expect(presented).toEqual([]);
  });

  it('is renewed when it has ended, which getUser() does not do', async () => {
    const { manager } = await openOidcAccount({ leftS: -60 });
    expect((await manager.getUser())?.expired).toBe(true);
    expect(await askSource(oidcToken(manager))).toMatchObject({ kind: 'token', token: 'access-2' });
  });

  it('is renewed ahead of its end and after a refusal', async () => {
    const { manager, presented } = await openOidcAccount();
    const source = oidcToken(manager);
    expect((await askSource(source, expiring('access-1'))).token).toBe('access-2');
    expect((await askSource(source, refused('access-2'))).token).toBe('access-3');
    expect(presented).toEqual(['refresh-1', 'refresh-2']);
  });

  it('M01 is taken from the store, without a second refresh, when another tab has renewed it', async () => {
    const { manager, openTab, presented } = await openOidcAccount();
    await openTab().signinSilent();
    expect((await askSource(oidcToken(manager), refused('access-1'))).token).toBe('access-2');
    expect((await askSource(oidcToken(manager), expiring('access-1'))).token).toBe('access-2');
    expect(presented).toEqual(['refresh-1']);
  });
});

describe('one refresh token is used once', () => {
  it('by the calls of two sources of one manager', async () => {
    const { manager, presented } = await openOidcAccount({ leftS: -1 });
    const answers = await Promise.all([askSource(oidcToken(manager)), askSource(oidcToken(manager))]);
    expect(answers.map(({ token }) => token)).toEqual(['access-2', 'access-2']);
    expect(presented).toEqual(['refresh-1']);
  });

  it('by a call that comes while one that we gave up on is still under way', async () => {
    let letGo = () => {};
    const held = new Promise<void>(resolve => {
      letGo = resolve;
    });
    const { manager, presented } = await openOidcAccount({ leftS: -1, onRefresh: () => held });
    const source = oidcToken(manager);
    expect((await askSource(source, {}, 100)).kind).toBe('unavailable');
    const second = askSource(source);
    letGo();
    expect((await second).token).toBe('access-2');
    expect(presented).toEqual(['refresh-1']);
  });

  it('unless two calls waited for its answer in vain: then it is asked for anew', async () => {
    const { manager, server, presented } = await openOidcAccount({ leftS: -1 });
    const source = oidcToken(manager);
    server.trouble = 'hang';
    expect((await askSource(source, {}, 50)).kind).toBe('unavailable');
    expect((await askSource(source, {}, 50)).kind).toBe('unavailable');
    server.trouble = null;
    expect((await askSource(source)).token).toBe('access-2');
    expect(server.requests).toHaveLength(2);
    expect(presented).toEqual(['refresh-1']);
  });
});

describe('trouble at the provider while the token has ended', () => {
  it.each(troubles)('%s: the SDK alone', async trouble => {
    const { manager, server } = await openOidcAccount({ leftS: -60 });
    server.trouble = trouble;
    expect(await bareAnswer(manager.signinSilent(), () => 'user')).toBe(oidc.cells[trouble].bare);
    // Whatever happens, it keeps the user and says nothing about the session.
    expect(await manager.getUser()).toMatchObject({ access_token: 'access-1' });
  });

  it.each(troubles)('%s: with the adapter', async trouble => {
    const { manager, server } = await openOidcAccount({ leftS: -60 });
    server.trouble = trouble;
    expect((await askSource(oidcToken(manager), {}, 300)).kind).toBe(oidc.cells[trouble].ours);
  });

  it.each(troubles.filter(trouble => oidc.cells[trouble].ours === 'unavailable' && trouble !== 'hang'))(
    '%s: the session outlives it, and the token comes without anybody doing anything',
    async trouble => {
      const { manager, server } = await openOidcAccount({ leftS: -60 });
      server.trouble = trouble;
      const { socket, ends } = openSession(oidcToken(manager));
      await expect.poll(() => server.requests.length).toBeGreaterThan(2);
      expect(socket.getStatus().session).not.toBe('signed-out');
      server.trouble = null;
      await expect.poll(() => socket.getStatus().session, { timeout: 3_000 }).toBe('valid');
      expect(await socket.getToken()).toBe('access-2');
      expect(ends).toEqual([]);
    },
  );
});

describe('the end of the session', () => {
  it('T11 a denial counts once a second request has confirmed it', async () => {
    const { manager, presented, revoke } = await openOidcAccount();
    revoke();
    const { kind, answer } = await askSource(oidcToken(manager), refused('access-1'));
    expect(kind).toBe('signed-out');
    expect(answer).toMatchObject({ reason: 'invalid_grant' });
    expect(presented).toEqual(['refresh-1', 'refresh-1']);
  });

  it('a denial that crossed the refresh of another tab is none', async () => {
    let arrived = 0;
    let oursCame = () => {};
    const second = new Promise<void>(resolve => {
      oursCame = resolve;
    });
    const account = await openOidcAccount({
      leftS: -1,
      onRefresh() {
        if (++arrived === 2) oursCame();
        return arrived === 1 ? second : undefined;
      },
    });
    // The other tab's refresh is accepted, and its answer is on the way while ours is denied.
    const other = account.openTab().signinSilent();
    await expect.poll(() => account.presented.length).toBe(1);
    const { kind, token } = await askSource(oidcToken(account.manager));
    await other;
    expect(account.presented.slice(0, 2)).toEqual(['refresh-1', 'refresh-1']);
    expect(kind).toBe('token');
    // The other tab's, or one more, made with the refresh token that came with it.
    expect(['access-2', 'access-3']).toContain(token);
  });

  it('nobody in the store is signed out', async () => {
    const { manager } = await openOidcAccount();
    await manager.removeUser();
    expect((await askSource(oidcToken(manager))).kind).toBe('signed-out');
  });

  it('a user who leaves is told to the client at once', async () => {
    const { manager } = await openOidcAccount();
    const { socket, ends } = openSession(oidcToken(manager));
    await expect.poll(() => socket.getStatus().session).toBe('valid');
    await manager.removeUser();
    await expect.poll(() => socket.getStatus().session).toBe('signed-out');
    expect(ends).toEqual(['no-user']);
  });

  it('a token that the SDK renewed by itself is used at once', async () => {
    const { manager } = await openOidcAccount();
    const { socket } = openSession(oidcToken(manager));
    await expect.poll(() => socket.getStatus().session).toBe('valid');
    await manager.signinSilent();
    await expect.poll(() => socket.getToken()).toBe('access-2');
  });

  it('"signed out" of the session monitor, which a lost request causes too, is checked by a refresh', async () => {
    const account = await openOidcAccount();
    const { manager, presented } = account;
    const { socket, ends } = openSession(oidcToken(manager));
    await expect.poll(() => socket.getStatus().session).toBe('valid');
    await manager.events._raiseUserSignedOut();
    await expect.poll(() => socket.getToken()).toBe('access-2');
    expect(presented).toEqual(['refresh-1']);
    expect(ends).toEqual([]);

    account.revoke();
    await manager.events._raiseUserSignedOut();
    await expect.poll(() => socket.getStatus().session).toBe('signed-out');
    expect(ends).toEqual(['invalid_grant']);
  });

  it.each(['login_required', 'interaction_required', 'consent_required'])(
    '%s, as the silent iframe brings it, is signed out',
    async error => {
      const { manager } = await openOidcAccount({ leftS: -1 });
      vi.spyOn(manager, 'signinSilent').mockRejectedValue(Object.assign(new Error(error), { error }));
      expect((await askSource(oidcToken(manager))).kind).toBe('signed-out');
    },
  );
});

it('nothing of it stays behind: every listener of the manager is removed', async () => {
  const { manager } = await openOidcAccount();
  const source = oidcToken(manager);
  const onChange = vi.fn();
  const leave =
    'subscribe' in source ? (source.subscribe as (change: () => void) => () => void)(onChange) : null;
  leave?.();
  await manager.signinSilent();
  await manager.events._raiseUserSignedOut();
  await manager.removeUser();
  expect(onChange).not.toHaveBeenCalled();
});

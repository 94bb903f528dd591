import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { firebaseToken, type FirebaseAuth } from '../../src/adapters/firebase';
import { createAuthSocket } from '../../src/core';
import { askSource, expiring, refused } from './askSource';
import { bareAnswer } from './bareAnswer';
import { openFirebaseAccount, type FirebaseAccount } from './firebaseAccount';
import { troubles } from './identityServer';
import { firebase } from './matrix/firebase';

const numberOf = (token: string | null) =>
  token === null ? null : (JSON.parse(atob(token.split('.')[1] ?? '')) as { jti: string }).jti;

const verdictOf = async (
  { auth }: Pick<FirebaseAccount, 'auth'>,
  ...request: [Parameters<typeof askSource>[1]?, number?]
) => {
  const verdict = await askSource(firebaseToken(auth), ...request);
  return { ...verdict, number: numberOf(verdict.token) };
};

function connect({ auth }: FirebaseAccount) {
  const ends: string[] = [];
  const socket = createAuthSocket({
    getToken: firebaseToken(auth),
    timeouts: { tokenMs: 150 },
    reconnect: { minMs: 20, maxMs: 60 },
    onSessionExpired: ({ reason }) => ends.push(reason),
  });
  onTestFinished(() => socket.destroy());
  socket.connect();
  return { socket, ends };
}

describe('the ID token of Firebase', () => {
  it('comes from the SDK without a request', async () => {
    const account = await openFirebaseAccount();
    expect((await verdictOf(account)).number).toBe('id-1');
    expect(account.refreshes).toEqual([]);
  });

  it('is renewed when it has ended', async () => {
    const account = await openFirebaseAccount({ hasEnded: true });
    expect((await verdictOf(account)).number).toBe('id-2');
    expect(account.refreshes).toEqual(['refresh-1']);
  });

  it('is renewed ahead of its end, which the SDK alone does not do, and after a refusal', async () => {
    const account = await openFirebaseAccount();
    const first = await account.auth.currentUser?.getIdToken();
    const second = await verdictOf(account, expiring(first ?? ''));
    expect(second.number).toBe('id-2');
    expect((await verdictOf(account, refused(second.token ?? ''))).number).toBe('id-3');
    expect(account.refreshes).toHaveLength(2);
  });

  it('that the SDK has renewed meanwhile is not renewed again', async () => {
    const account = await openFirebaseAccount();
    const first = await account.auth.currentUser?.getIdToken();
    await account.auth.currentUser?.getIdToken(true);
    expect((await verdictOf(account, refused(first ?? ''))).number).toBe('id-2');
    expect(account.refreshes).toHaveLength(1);
  });
});

describe('trouble at the server while the token has ended', () => {
  it.each(troubles)('%s: the SDK alone', async trouble => {
    const { auth, upset } = await openFirebaseAccount({ hasEnded: true });
    upset(trouble);
    const user = auth.currentUser;
    const answer = await bareAnswer(user?.getIdToken() ?? Promise.resolve(null), () => 'token');
    expect(answer + (auth.currentUser === null ? ', dropped' : '')).toBe(firebase.cells[trouble].bare);
  });

  it.each(troubles)('%s: with the adapter', async trouble => {
    const account = await openFirebaseAccount({ hasEnded: true });
    account.upset(trouble);
    expect((await verdictOf(account, {}, 300)).kind).toBe(firebase.cells[trouble].ours);
  });

  it.each(['drop', '500', '503-html', '429', '401'] as const)(
    '%s: the session outlives it, and the token comes without anybody doing anything',
    async trouble => {
      const account = await openFirebaseAccount({ hasEnded: true });
      account.upset(trouble);
      const { socket, ends } = connect(account);
      await expect.poll(() => account.server.requests.length).toBeGreaterThan(5);
      expect(socket.getStatus().session).not.toBe('signed-out');
      account.upset(null);
      await expect.poll(() => socket.getStatus().session, { timeout: 3_000 }).toBe('valid');
      expect(numberOf(await socket.getToken())).toBe('id-2');
      expect(ends).toEqual([]);
    },
  );
});

describe('the end of the session', () => {
  it.each([
    ['TOKEN_EXPIRED', 'auth/user-token-expired'],
    ['USER_NOT_FOUND', 'auth/user-token-expired'],
    ['USER_DISABLED', 'auth/user-disabled'],
  ])('T11 %s of the server: Firebase says %s, and the session ends once', async (message, code) => {
    const account = await openFirebaseAccount();
    const { socket, ends } = connect(account);
    await expect.poll(() => socket.getStatus().session).toBe('valid');
    account.refuse(message);
    await expect(socket.getToken({ forceRefresh: true })).rejects.toMatchObject({ code: 'signed-out' });
    expect(ends).toEqual([code]);
    expect(account.auth.currentUser).toBeNull();
  });

  it('another error of Firebase ends nothing', async () => {
    const account = await openFirebaseAccount({ hasEnded: true });
    account.refuse('TOO_MANY_ATTEMPTS_TRY_LATER');
    const { kind, cause } = await verdictOf(account);
    expect(kind).toBe('unavailable');
    expect(cause).toMatchObject({ code: 'auth/too-many-requests' });
  });

  it('a sign-out of the SDK is told to the client at once, and a sign-in brings a token', async () => {
    const account = await openFirebaseAccount();
    const { socket, ends } = connect(account);
    await expect.poll(() => socket.getStatus().session).toBe('valid');
    await account.auth.signOut();
    await expect.poll(() => socket.getStatus().session).toBe('signed-out');
    expect(ends).toEqual(['no-user']);
    await account.signIn();
    socket.retrySession();
    await expect.poll(() => socket.getStatus().session).toBe('valid');
  });

  it('a user who is not read from the store yet is not signed out', async () => {
    const { auth } = await openFirebaseAccount();
    let hasRead = false;
    let read = () => {};
    const ready = new Promise<void>(resolve => {
      read = () => {
        hasRead = true;
        resolve();
      };
    });
    const loading: FirebaseAuth = {
      authStateReady: () => ready,
      get currentUser() {
        return hasRead ? auth.currentUser : null;
      },
      onIdTokenChanged: () => () => {},
    };
    expect((await askSource(firebaseToken(loading), {}, 50)).kind).toBe('unavailable');
    read();
    expect((await askSource(firebaseToken(loading))).kind).toBe('token');
  });

  it('no listener stays behind', async () => {
    const { auth } = await openFirebaseAccount();
    const source = firebaseToken(auth) as { subscribe(onChange: () => void): () => void };
    const onChange = vi.fn();
    source.subscribe(onChange)();
    await auth.currentUser?.getIdToken(true);
    expect(onChange).not.toHaveBeenCalled();
  });
});

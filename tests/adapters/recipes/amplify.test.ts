import { Amplify } from 'aws-amplify';
import { fetchAuthSession, signOut } from 'aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createAuthSocket } from '../../../src/core';
import { unsignedJwt } from '../../../src/testing/unsignedJwt';
import { expectConsole } from '../../tools/silentConsole';
import { askSource, expiring, refused } from '../askSource';
import { bareAnswer } from '../bareAnswer';
import { startIdentityServer, troubles, type Trouble } from '../identityServer';
import { amplify as matrix } from '../matrix/amplify';
import { amplifyToken } from './amplifyRecipe';

const clientId = 'test-client';
const prefix = `CognitoIdentityServiceProvider.${clientId}`;

let issued = 0;
const jwt = (leftS: number) => {
  const now = Math.floor(Date.now() / 1_000);
  return unsignedJwt({
    sub: 'ada',
    username: 'ada',
    jti: `access-${++issued}`,
    iat: now - 1,
    exp: now + leftS,
  });
};

/** The real Amplify, signed in at a Cognito of this test; the token lives `leftS` seconds. */
async function openAccount({ leftS = 600 } = {}) {
  let denial: string | null = null;
  const server = await startIdentityServer({
    answer({ headers }) {
      const operation = String(headers['x-amz-target']).split('.')[1];
      if (denial !== null) return { status: 400, body: { __type: denial, message: 'over' } };
      if (operation !== 'GetTokensFromRefreshToken') return { body: {} };
      return {
        body: { AuthenticationResult: { AccessToken: jwt(600), IdToken: jwt(600), ExpiresIn: 600 } },
      };
    },
  });
  onTestFinished(async () => {
    // Amplify goes on trying, and the next call would join that: an end for it first.
    const isHung = server.trouble === 'hang';
    server.trouble = null;
    denial = 'NotAuthorizedException';
    if (isHung) await server.close();
    await fetchAuthSession().catch(() => null);
    await server.close();
  });
  const held = jwt(leftS);
  const stored = new Map([
    [`${prefix}.LastAuthUser`, 'ada'],
    [`${prefix}.ada.accessToken`, held],
    [`${prefix}.ada.idToken`, jwt(leftS)],
    [`${prefix}.ada.refreshToken`, 'refresh-1'],
    [`${prefix}.ada.clockDrift`, '0'],
  ]);
  expectConsole('warn', /custom Amazon/);
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId: 'eu-west-1_test',
        userPoolClientId: clientId,
        userPoolEndpoint: `${server.url}/`,
      },
    },
  });
  cognitoUserPoolsTokenProvider.setKeyValueStorage({
    getItem: key => Promise.resolve(stored.get(key) ?? null),
    setItem: (key, value) => Promise.resolve(void stored.set(key, value)),
    removeItem: key => Promise.resolve(void stored.delete(key)),
    clear: () => Promise.resolve(stored.clear()),
  });
  return {
    server,
    held,
    isDropped: () => !stored.has(`${prefix}.ada.refreshToken`),
    refuse(type: string) {
      denial = type;
    },
    /** Trouble, where the denial is one that Cognito knows. */
    upset(trouble: Trouble) {
      if (trouble === '400-invalid-grant') denial = 'NotAuthorizedException';
      else server.trouble = trouble;
    },
  };
}

function connect() {
  const onSessionExpired = vi.fn();
  const socket = createAuthSocket({
    getToken: amplifyToken,
    timeouts: { tokenMs: 200 },
    reconnect: { minMs: 20, maxMs: 60 },
    onSessionExpired,
  });
  onTestFinished(() => socket.destroy());
  socket.connect();
  return { socket, onSessionExpired };
}

describe('the recipe for aws-amplify', () => {
  // The first of all: Amplify forgets no configuration.
  it('without a configuration it is "not now", though Amplify has no tokens then, as for nobody', async () => {
    expectConsole('warn', /not been configured/);
    expect((await fetchAuthSession()).tokens).toBeUndefined();
    expect((await askSource(amplifyToken)).kind).toBe('unavailable');
  });

  it('gives the token in hand without a request', async () => {
    const { held, server } = await openAccount();
    expect((await askSource(amplifyToken)).token).toBe(held);
    expect(server.requests).toEqual([]);
  });

  it('renews ahead of the end, after a refusal, and what has ended', async () => {
    const { held } = await openAccount();
    const second = await askSource(amplifyToken, expiring(held));
    expect(second.kind).toBe('token');
    expect(second.token).not.toBe(held);
    const third = await askSource(amplifyToken, refused(second.token ?? ''));
    expect(third.kind).toBe('token');
    expect(third.token).not.toBe(second.token);

    const ended = await openAccount({ leftS: -60 });
    const { kind, token } = await askSource(amplifyToken);
    expect(kind).toBe('token');
    expect(token).not.toBe(ended.held);
  });

  it('a sign-out is told to the client at once', async () => {
    await openAccount();
    const { socket, onSessionExpired } = connect();
    await expect.poll(() => socket.getStatus().session).toBe('valid');
    await signOut();
    await expect.poll(() => socket.getStatus().session).toBe('signed-out');
    expect(onSessionExpired).toHaveBeenCalledOnce();
  });

  it.each([
    'NotAuthorizedException',
    'TokenRevokedException',
    'UserNotFoundException',
    'RefreshTokenReuseException',
  ])('T11 %s of Cognito ends the session once', async type => {
    const { refuse } = await openAccount();
    const { socket, onSessionExpired } = connect();
    await expect.poll(() => socket.getStatus().session).toBe('valid');
    refuse(type);
    await socket.getToken({ forceRefresh: true }).catch(() => null);
    await expect.poll(() => socket.getStatus().session).toBe('signed-out');
    expect(onSessionExpired).toHaveBeenCalledOnce();
  });

  it('a refresh that failed is an event of Amplify, and no change: nothing is asked again at once', async () => {
    const { upset, server } = await openAccount({ leftS: -60 });
    upset('401');
    const socket = createAuthSocket({ getToken: amplifyToken });
    onTestFinished(() => socket.destroy());
    socket.connect();
    await expect(socket.getToken()).rejects.toMatchObject({ code: 'unavailable' });
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(server.requests).toHaveLength(1);
  });

  it.each(troubles)('%s: the SDK alone', async trouble => {
    const { upset, isDropped } = await openAccount({ leftS: -60 });
    upset(trouble);
    // Three or four tries, up to two seconds.
    const answer = await bareAnswer(
      fetchAuthSession(),
      read => ((read as { tokens?: unknown }).tokens ? 'tokens' : 'no tokens'),
      trouble === 'hang' ? 300 : 4_000,
    );
    expect(answer + (isDropped() ? ', dropped' : '')).toBe(matrix.cells[trouble].bare);
  });

  it.each(troubles)('%s: with the recipe', async trouble => {
    const { upset } = await openAccount({ leftS: -60 });
    upset(trouble);
    const { socket } = connect();
    await expect(socket.getToken()).rejects.toMatchObject({ code: matrix.cells[trouble].ours });
  });
});

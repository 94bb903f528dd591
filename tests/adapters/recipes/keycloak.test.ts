// @vitest-environment jsdom
import Keycloak from 'keycloak-js';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createAuthSocket } from '../../../src/core';
import { unsignedJwt } from '../../../src/testing/unsignedJwt';
import { askSource, expiring, refused } from '../askSource';
import { bareAnswer } from '../bareAnswer';
import { startIdentityServer, troubles } from '../identityServer';
import { keycloak as matrix } from '../matrix/keycloak';
import { keycloakToken } from './keycloakRecipe';

beforeAll(() => {
  // keycloak-js needs it, and Node 20 has it not.
  const withResolvers = () => {
    const parts: Record<string, unknown> = {};
    parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
    return parts;
  };
  if (!('withResolvers' in Promise)) Object.assign(Promise, { withResolvers });
});

let issued = 0;
const jwt = (leftS: number) => {
  const now = Math.floor(Date.now() / 1_000);
  return unsignedJwt({ sub: 'ada', jti: `access-${++issued}`, iat: now, exp: now + leftS });
};
/** The real keycloak-js, loaded and signed in; the token of the login lives `leftS` seconds. */
async function openAccount({ leftS = 600 } = {}) {
  issued = 0;
  let life = leftS;
  const server = await startIdentityServer({
    affects: path => path.endsWith('/token'),
    answer: () => ({
      body: { access_token: jwt(life), refresh_token: jwt(3_600), id_token: jwt(600), expires_in: life },
    }),
  });
  onTestFinished(() => server.close());
  const client = new Keycloak({ url: server.url, realm: 'test', clientId: 'web' });
  const ready = client.init({
    checkLoginIframe: false,
    token: jwt(leftS),
    refreshToken: jwt(3_600),
    enableLogging: false,
  });
  await ready;
  life = 600;
  const source = keycloakToken(client, ready);
  return { server, client, ready, source, held: client.token ?? '' };
}

describe('the recipe for keycloak-js', () => {
  it('gives the token in hand without a request', async () => {
    const { source, held, server } = await openAccount();
    const before = server.requests.length;
    expect((await askSource(source)).token).toBe(held);
    expect(server.requests).toHaveLength(before);
  });

  it('renews ahead of the end, after a refusal, and what has ended', async () => {
    const { source, held, client } = await openAccount();
    const second = await askSource(source, expiring(held, 601_000));
    expect(second.token).not.toBe(held);
    const third = await askSource(source, refused(second.token ?? ''));
    expect(third.token).not.toBe(second.token);
    expect(third.token).toBe(client.token);
    const ended = await openAccount({ leftS: -60 });
    const { kind, token } = await askSource(ended.source);
    expect(kind).toBe('token');
    expect(token).not.toBe(ended.held);
  });

  it('loading is not signed out, and a load that failed is neither', async () => {
    const client = new Keycloak({ url: 'http://127.0.0.1:9', realm: 'test', clientId: 'web' });
    const never = new Promise<boolean>(() => {});
    const socket = createAuthSocket({ getToken: keycloakToken(client, never), timeouts: { tokenMs: 30 } });
    onTestFinished(() => socket.destroy());
    socket.connect();
    await new Promise(resolve => setTimeout(resolve, 80));
    expect(socket.getStatus().session).not.toBe('signed-out');
    const failed = keycloakToken(client, Promise.reject(new Error('no network')));
    expect((await askSource(failed)).kind).toBe('unavailable');
  });

  it('nobody is signed out', async () => {
    const client = new Keycloak({ url: 'http://127.0.0.1:9', realm: 'test', clientId: 'web' });
    expect((await askSource(keycloakToken(client, Promise.resolve(false)))).kind).toBe('signed-out');
  });

  it('a logout is told to the client at once, and the callback of the application still runs', async () => {
    const { client, source } = await openAccount();
    const onLogout = vi.fn();
    client.onAuthLogout = onLogout;
    const socket = createAuthSocket({ getToken: source });
    onTestFinished(() => socket.destroy());
    socket.connect();
    await expect.poll(() => socket.getStatus().session).toBe('valid');
    client.clearToken();
    await expect.poll(() => socket.getStatus().session).toBe('signed-out');
    expect(onLogout).toHaveBeenCalledOnce();
    socket.destroy();
    expect(client.onAuthLogout).toBe(onLogout);
  });

  it.each(troubles)('%s: the SDK alone', async trouble => {
    const { client, server } = await openAccount({ leftS: -60 });
    server.trouble = trouble;
    const answer = await bareAnswer(client.updateToken(5), () => 'token');
    expect(answer + (client.refreshToken ? '' : ', dropped')).toBe(matrix.cells[trouble].bare);
  });

  it.each(troubles)('%s: with the recipe', async trouble => {
    const { client, source, server } = await openAccount({ leftS: -60 });
    server.trouble = trouble;
    if (trouble !== 'hang') {
      expect((await askSource(source)).kind).toBe(matrix.cells[trouble].ours);
      return;
    }
    const socket = createAuthSocket({ getToken: source, timeouts: { tokenMs: 50 } });
    onTestFinished(() => socket.destroy());
    await expect(socket.getToken()).rejects.toMatchObject({ code: 'unavailable' });
    expect(client.refreshToken).toBeTruthy();
  });
});

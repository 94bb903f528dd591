// @vitest-environment jsdom
import { webcrypto } from 'node:crypto';
import {
  CacheLookupPolicy,
  PublicClientApplication,
  loadExternalTokens,
  type Configuration,
  type ExternalTokenResponse,
  type SilentRequest,
} from '@azure/msal-browser';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createAuthSocket } from '../../../src/core';
import { unsignedJwt } from '../../../src/testing/unsignedJwt';
import { askSource, expiring, refused } from '../askSource';
import { bareAnswer } from '../bareAnswer';
import { startIdentityServer, troubles, type IdentityAnswer } from '../identityServer';
import { msal as matrix } from '../matrix/msal';
import { msalToken } from './msalRecipe';

const authority = 'https://login.test/tenant';
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const clientInfo = base64({ uid: 'ada', utid: 'tenant' });

let issued = 0;
const answerWith = (leftS: number): ExternalTokenResponse => {
  const now = Math.floor(Date.now() / 1_000);
  return {
    token_type: 'Bearer',
    scope: 'api',
    expires_in: leftS,
    access_token: `access-${++issued}`,
    refresh_token: `refresh-${issued}`,
    id_token: unsignedJwt({
      iss: authority,
      aud: 'web',
      sub: 'ada',
      oid: 'ada',
      tid: 'tenant',
      iat: now,
      exp: now + 600,
    }),
    client_info: clientInfo,
  };
};

/**
 * The real MSAL, with an account in its cache whose token lives `leftS` seconds. It takes https authorities only, so `fetch`
 * carries what is meant for that one to the server of this test.
 */
async function openAccount({
  leftS = 3_600,
  policy = CacheLookupPolicy.AccessTokenAndRefreshToken,
}: { leftS?: number; policy?: CacheLookupPolicy } = {}) {
  issued = 0;
  let refusal: IdentityAnswer | null = null;
  const server = await startIdentityServer({
    answer: () => refusal ?? { body: answerWith(3_600) },
  });
  onTestFinished(() => server.close());
  vi.stubGlobal('crypto', webcrypto);
  const send = fetch;
  vi.stubGlobal('fetch', (input: string, init: RequestInit) =>
    send(input.replace('https://login.test', server.url), init),
  );
  sessionStorage.clear();
  localStorage.clear();
  const config: Configuration = {
    auth: {
      clientId: 'web',
      authority,
      knownAuthorities: ['login.test'],
      authorityMetadata: JSON.stringify({
        issuer: authority,
        authorization_endpoint: `${authority}/authorize`,
        token_endpoint: `${authority}/token`,
        end_session_endpoint: `${authority}/logout`,
        jwks_uri: `${authority}/keys`,
      }),
    },
    system: { iframeBridgeTimeout: 100 },
  };
  const request: SilentRequest = {
    scopes: ['api'],
    cacheLookupPolicy: policy,
  };
  const seeded = await loadExternalTokens(config, { ...request, authority }, answerWith(leftS), {
    clientInfo,
  });
  const client = new PublicClientApplication(config);
  const ready = client.initialize().then(() => client.handleRedirectPromise());
  await ready;
  return {
    server,
    client,
    request,
    account: seeded.account,
    source: msalToken(client, ready, request),
    refuse(answer: IdentityAnswer) {
      refusal = answer;
    },
  };
}

describe('the recipe for MSAL', () => {
  it('gives the token in hand without a request', async () => {
    const { source, server } = await openAccount();
    expect(await askSource(source)).toMatchObject({ kind: 'token', token: 'access-1' });
    expect(server.requests).toEqual([]);
  });

  it('says how long the token lives, and whose it is', async () => {
    const { source } = await openAccount();
    const { answer } = await askSource(source);
    expect(answer).toMatchObject({ subject: 'ada.tenant' });
    const { expiresInMs } = answer as { expiresInMs: number };
    expect(expiresInMs / 1_000).toBeGreaterThan(3_590);
    expect(expiresInMs / 1_000).toBeLessThanOrEqual(3_601);
  });

  it('renews ahead of the end and after a refusal', async () => {
    const { source } = await openAccount({ leftS: 100 });
    expect(await askSource(source, expiring('access-1', 101_000))).toMatchObject({ token: 'access-2' });
    expect(await askSource(source, refused('access-2'))).toMatchObject({ token: 'access-3' });
  });

  it('nobody is signed out; while MSAL is loading, nobody is', async () => {
    const { client, request, source } = await openAccount();
    const loading = createAuthSocket({
      getToken: msalToken(client, new Promise(() => {}), request),
      timeouts: { tokenMs: 30 },
    });
    onTestFinished(() => loading.destroy());
    await expect(loading.getToken()).rejects.toMatchObject({ code: 'unavailable' });
    await client.clearCache();
    expect((await askSource(source)).kind).toBe('signed-out');
  });

  it.each(troubles)('%s: the SDK alone', async trouble => {
    const { client, request, account, server } = await openAccount({ leftS: 100 });
    server.trouble = trouble;
    const answer = await bareAnswer(client.acquireTokenSilent({ ...request, account }), () => 'token');
    expect(answer).toBe(matrix.cells[trouble].bare);
  });

  it.each(troubles)('%s: with the recipe', async trouble => {
    const { source, server } = await openAccount({ leftS: 100 });
    server.trouble = trouble;
    const socket = createAuthSocket({ getToken: source, timeouts: { tokenMs: 250 } });
    onTestFinished(() => socket.destroy());
    await expect(socket.getToken()).rejects.toMatchObject({ code: matrix.cells[trouble].ours });
  });

  it.each(['drop', '503-html'] as const)(
    '%s: the session outlives it, and the token comes without anybody doing anything',
    async trouble => {
      const { source, server } = await openAccount({ leftS: 100 });
      server.trouble = trouble;
      const onSessionExpired = vi.fn();
      const socket = createAuthSocket({
        getToken: source,
        reconnect: { minMs: 20, maxMs: 60 },
        onSessionExpired,
      });
      onTestFinished(() => socket.destroy());
      socket.connect();
      await expect.poll(() => server.requests.length).toBeGreaterThan(2);
      server.trouble = null;
      await expect.poll(() => socket.getStatus().session, { timeout: 3_000 }).toBe('valid');
      expect(onSessionExpired).not.toHaveBeenCalled();
    },
  );

  it('T11 interaction_required ends the session', async () => {
    const { source, refuse } = await openAccount({ leftS: 100 });
    refuse({ status: 400, body: { error: 'interaction_required', error_description: 'AADSTS50076' } });
    expect(await askSource(source)).toMatchObject({
      kind: 'signed-out',
      answer: { reason: 'interaction_required' },
    });
  });

  it('invalid_grant makes MSAL ask a hidden frame, as it does by default; a frame without an answer is "not now"', async () => {
    const { source, refuse } = await openAccount({ leftS: 100, policy: CacheLookupPolicy.Default });
    refuse({ status: 400, body: { error: 'invalid_grant', error_description: 'AADSTS700084' } });
    const { kind, cause } = await askSource(source);
    expect(kind).toBe('unavailable');
    expect(cause).toMatchObject({ name: 'BrowserAuthError', errorCode: 'timed_out' });
  });

  it.each(['429', '500'] as const)(
    'after %s MSAL answers from memory, without another request',
    async trouble => {
      const { source, server } = await openAccount({ leftS: 100 });
      server.trouble = trouble;
      await askSource(source);
      server.trouble = null;
      expect((await askSource(source)).kind).toBe('unavailable');
      expect(server.requests).toHaveLength(1);
    },
  );

  it('its own calls are events of MSAL, and no change: nothing is asked again at once', async () => {
    const { source, client } = await openAccount({ leftS: 100 });
    const acquire = vi.spyOn(client, 'acquireTokenSilent');
    const socket = createAuthSocket({ getToken: source });
    onTestFinished(() => socket.destroy());
    socket.connect();
    await expect.poll(() => socket.getStatus().session).toBe('valid');
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(acquire).toHaveBeenCalledOnce();
  });

  it('another active account is told to the client at once', async () => {
    const { source, client } = await openAccount();
    const onChange = vi.fn();
    const leave = (source as { subscribe(onChange: () => void): () => void }).subscribe(onChange);
    client.setActiveAccount(client.getAllAccounts()[0] ?? null);
    expect(onChange).toHaveBeenCalledOnce();
    leave();
    client.setActiveAccount(null);
    expect(onChange).toHaveBeenCalledOnce();
  });
});

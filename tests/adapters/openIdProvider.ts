import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { InMemoryWebStorage, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { onTestFinished, vi } from 'vitest';
import { createCookieFetch } from '../server/cookieFetch';

/** What happens to a token request instead of an exchange. */
export type Accident =
  /** The connection breaks before the provider has read anything. */
  | 'request-lost'
  /** The provider has done everything, and nobody hears of it. */
  | 'answer-lost';

export interface OpenIdProvider {
  url: string;
  /** Signs "ada" in with the code flow, as the real oidc-client-ts does it. */
  signIn(): Promise<UserManager>;
  /** The next token requests have these accidents. */
  readonly accidents: Accident[];
  /** The refresh tokens that arrived, in order. */
  readonly presented: readonly string[];
  /** How often the provider revoked everything that a login had brought. */
  readonly revocations: number;
  /** Presents a refresh token as somebody would who has stolen it. Answers with the error of the provider. */
  steal(refreshToken: string): Promise<string>;
}

/** A certified OpenID provider on loopback: its refresh tokens are good for one use, and a second use revokes the grant. */
export async function startOpenIdProvider({
  rotates = true,
  accessTokenS = 600,
}: { rotates?: boolean; accessTokenS?: number } = {}): Promise<OpenIdProvider> {
  const accidents: Accident[] = [];
  const presented: string[] = [];
  let revocations = 0;
  let handle: RequestListener = () => {};

  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'test' };
  const hour = 3_600;
  const Provider = await importProvider();
  const provider = new Provider(url, {
    adapter: createAdapter(),
    jwks: { keys: [key] },
    cookies: { keys: ['a key of this test'] },
    clients: [
      {
        client_id: 'web',
        id_token_signed_response_alg: 'ES256',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [`${url}/callback`],
      },
    ],
    scopes: ['openid', 'offline_access'],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    async loadExistingGrant({
      oidc,
    }: {
      oidc: { client: { clientId: string }; session: { accountId: string } };
    }) {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid offline_access');
      await grant.save();
      return grant;
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: rotates,
    clientBasedCORS: () => true,
    ttl: {
      AccessToken: accessTokenS,
      AuthorizationCode: 60,
      IdToken: hour,
      RefreshToken: hour,
      Session: hour,
      Interaction: hour,
      Grant: hour,
    },
  });
  provider.on('grant.revoked', () => revocations++);
  const serve = provider.callback();

  handle = (request, response) => {
    if (request.url?.startsWith('/interaction/')) {
      void provider.interactionFinished(request, response, { login: { accountId: 'ada' } });
      return;
    }
    if (request.url === '/token') {
      if (request.headers['x-stolen'] === undefined) {
        const accident = accidents.shift();
        if (accident === 'request-lost') return void response.destroy();
        if (accident === 'answer-lost') loseAnswer(response);
      }
      request.once('data', (chunk: Buffer) => {
        const token = new URLSearchParams(chunk.toString()).get('refresh_token');
        if (token !== null) presented.push(token);
      });
    }
    serve(request, response);
  };

  return {
    url,
    accidents,
    presented,
    get revocations() {
      return revocations;
    },
    async signIn() {
      const browser = createCookieFetch();
      let callback = '';
      const redirects = {
        prepare: () =>
          Promise.resolve({
            async navigate({ url: start }: { url: string }) {
              for (let next = start; !callback;) {
                const answer = await browser(next, { redirect: 'manual' });
                const location = new URL(answer.headers.get('location') ?? '', url);
                if (location.pathname === '/callback') callback = location.href;
                next = location.href;
              }
              return { url: callback };
            },
            close: () => {},
          }),
      };
      const manager = new UserManager(
        {
          authority: url,
          client_id: 'web',
          redirect_uri: `${url}/callback`,
          scope: 'openid offline_access',
          automaticSilentRenew: false,
          userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
          stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
        },
        redirects as never,
      );
      onTestFinished(() => manager.events.unload());
      await manager.signinRedirect();
      await manager.signinCallback(callback);
      return manager;
    },
    async steal(refreshToken) {
      const answer = await fetch(`${url}/token`, {
        method: 'POST',
        headers: { 'x-stolen': '1' },
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          client_id: 'web',
          refresh_token: refreshToken,
        }),
      });
      return ((await answer.json()) as { error?: string }).error ?? 'answered';
    },
  };
}

/** It warns on Node 20, which it runs on all the same. */
async function importProvider() {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  try {
    return (await import('oidc-provider')).default;
  } finally {
    warn.mockRestore();
  }
}

/** Everything is done, and the connection breaks instead of carrying the answer. */
function loseAnswer(response: ServerResponse): void {
  response.writeHead = () => response;
  response.write = () => true;
  response.end = () => response.destroy();
}

/** Storage for everything the provider keeps, as its documentation describes an adapter. */
function createAdapter() {
  const stored = new Map<string, Record<string, unknown>>();
  return class {
    constructor(private readonly kind: string) {}
    private key(id: string) {
      return `${this.kind} ${id}`;
    }
    upsert(id: string, payload: Record<string, unknown>) {
      stored.set(this.key(id), payload);
      return Promise.resolve();
    }
    find(id: string) {
      return Promise.resolve(stored.get(this.key(id)));
    }
    findByUid(uid: string) {
      return Promise.resolve([...stored.values()].find(payload => payload.uid === uid));
    }
    consume(id: string) {
      const payload = stored.get(this.key(id));
      if (payload) payload.consumed = Math.floor(Date.now() / 1_000);
      return Promise.resolve();
    }
    destroy(id: string) {
      stored.delete(this.key(id));
      return Promise.resolve();
    }
    revokeByGrantId(grantId: string) {
      for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key);
      return Promise.resolve();
    }
  };
}

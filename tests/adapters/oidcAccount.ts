import { InMemoryWebStorage, User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { onTestFinished } from 'vitest';
import { startIdentityServer, type IdentityServer } from './identityServer';

export interface OidcAccount {
  server: IdentityServer;
  manager: UserManager;
  store: Storage;
  /** Another tab of the same origin: the same store, another manager. */
  openTab(): UserManager;
  /** The token requests that arrived, by the refresh token they carried. */
  readonly presented: readonly string[];
  /** Ends the session at the provider: no refresh token counts any more. */
  revoke(): void;
}

export interface OidcAccountOptions {
  /** Seconds that the stored token lives on; below 0 it has ended. */
  leftS?: number;
  /** Runs while a token request waits for its answer. */
  onRefresh?(): void | Promise<void>;
}

/** A user signed in with the real oidc-client-ts, at a provider whose refresh tokens are good for one use. */
export async function openOidcAccount({
  leftS = 600,
  onRefresh,
}: OidcAccountOptions = {}): Promise<OidcAccount> {
  const presented: string[] = [];
  let valid: string | null = 'refresh-1';
  let issued = 1;
  const server = await startIdentityServer({
    async answer({ path, body }) {
      if (path !== '/token') return { status: 404, body: {} };
      const { refresh_token = '' } = body as { refresh_token?: string };
      presented.push(refresh_token);
      const isValid = refresh_token === valid;
      if (isValid) valid = `refresh-${++issued}`;
      await onRefresh?.();
      return isValid
        ? {
            body: {
              access_token: `access-${issued}`,
              refresh_token: valid,
              token_type: 'Bearer',
              expires_in: 600,
              scope: 'openid',
            },
          }
        : { status: 400, body: { error: 'invalid_grant' } };
    },
  });
  onTestFinished(() => server.close());

  const store = new InMemoryWebStorage();
  const openTab = () => {
    const manager = new UserManager({
      authority: server.url,
      client_id: 'web',
      redirect_uri: `${server.url}/callback`,
      metadata: {
        issuer: server.url,
        token_endpoint: `${server.url}/token`,
        authorization_endpoint: `${server.url}/auth`,
      },
      automaticSilentRenew: false,
      userStore: new WebStorageStateStore({ store }),
    });
    onTestFinished(() => manager.events.unload());
    return manager;
  };
  const manager = openTab();
  await manager.storeUser(
    new User({
      access_token: 'access-1',
      refresh_token: 'refresh-1',
      token_type: 'Bearer',
      scope: 'openid',
      profile: { sub: 'ada', iss: server.url, aud: 'web', exp: 0, iat: 0 },
      expires_at: Math.floor(Date.now() / 1_000) + leftS,
    }),
  );
  return {
    server,
    manager,
    store,
    openTab,
    presented,
    revoke() {
      valid = null;
    },
  };
}

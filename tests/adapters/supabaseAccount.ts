import { GoTrueClient } from '@supabase/auth-js';
import { onTestFinished } from 'vitest';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { startIdentityServer, type IdentityAnswer, type IdentityServer } from './identityServer';

export interface SupabaseAccount {
  server: IdentityServer;
  auth: GoTrueClient;
  /** Another tab of the same origin: the same storage, another client. */
  openTab(): GoTrueClient;
  /** The token in storage; null: the SDK has deleted the session. */
  stored(): string | null;
  /** What the token endpoint answers instead of a new session. */
  refuse(answer: IdentityAnswer | null): void;
  readonly refreshes: readonly string[];
}

export interface SupabaseAccountOptions {
  /** Seconds that the stored token lives on; below 0 it has ended. */
  leftS?: number;
  client?: Partial<ConstructorParameters<typeof GoTrueClient>[0]>;
}

const storageKey = 'sb-test-auth-token';

/** A token that is known by its number. */
export const accessToken = (number: number, leftS = 600) => {
  const now = Math.floor(Date.now() / 1_000);
  return unsignedJwt({ sub: 'ada', jti: `access-${number}`, iat: now - 3_000, exp: now + leftS });
};

/** "access-2" of a token. */
export const numberOf = (token: string | null): string =>
  token === null ? 'none' : (JSON.parse(atob(token.split('.')[1] ?? '')) as { jti: string }).jti;

/** A user signed in with the real client of Supabase Auth, at a server that speaks its token endpoint. */
export async function openSupabaseAccount({
  leftS = 600,
  client = {},
}: SupabaseAccountOptions = {}): Promise<SupabaseAccount> {
  const refreshes: string[] = [];
  let refusal: IdentityAnswer | null = null;
  let issued = 1;
  const server = await startIdentityServer({
    answer({ path, body }) {
      if (path === '/logout') return { status: 204, body: '' };
      refreshes.push((body as { refresh_token: string }).refresh_token);
      return refusal ?? { body: session(++issued, 600) };
    },
  });
  const storage = new Map([[storageKey, JSON.stringify(session(1, leftS))]]);
  let hasEnded = false;
  const never = new Promise<Response>(() => {});
  const send = client.fetch ?? fetch;
  const openTab = () =>
    new GoTrueClient({
      url: server.url,
      storageKey,
      autoRefreshToken: false,
      persistSession: true,
      storage: {
        getItem: key => storage.get(key) ?? null,
        setItem: (key, value) => void storage.set(key, value),
        removeItem: key => void storage.delete(key),
      },
      ...client,
      // The SDK goes on trying for half a minute, and prints what goes wrong; the test is over by then.
      fetch: (...request) =>
        hasEnded
          ? never
          : send(...request).catch((cause: unknown) => (hasEnded ? never : Promise.reject(cause))),
    });
  const auth = openTab();
  onTestFinished(async () => {
    hasEnded = true;
    await auth.dispose();
    await server.close();
  });
  await auth.initialize();
  return {
    server,
    auth,
    openTab,
    refreshes,
    stored() {
      const text = storage.get(storageKey);
      return text === undefined ? null : (JSON.parse(text) as { access_token: string }).access_token;
    },
    refuse(answer) {
      refusal = answer;
    },
  };
}

function session(number: number, leftS: number) {
  return {
    access_token: accessToken(number, leftS),
    refresh_token: `refresh-${number}`,
    token_type: 'bearer',
    expires_in: 600,
    expires_at: Math.floor(Date.now() / 1_000) + leftS,
    user: { id: 'ada', aud: 'authenticated', app_metadata: {}, user_metadata: {}, created_at: '' },
  };
}

import { createAuthClient } from 'better-auth/client';
import { jwtClient } from 'better-auth/client/plugins';
import { signedOut, unavailable, type TokenRequest, type TokenSource } from 'react-auth-socket';

export const createClient = (baseURL: string, fetchOptions: { customFetchImpl?: typeof fetch } = {}) =>
  createAuthClient({ baseURL, plugins: [jwtClient()], fetchOptions });

export function betterAuthToken(client: ReturnType<typeof createClient>): TokenSource {
  return {
    // Every call makes a new JWT, so there is no cache to skip.
    async getToken({ signal }: TokenRequest) {
      const { data, error } = await client.token({ fetchOptions: { signal } });
      if (data) return data.token;
      return error.status === 401 ? signedOut('no-session') : unavailable({ cause: error });
    },
    subscribe: onChange => client.$store.atoms.$sessionSignal?.listen(onChange) ?? (() => {}),
  };
}

import type Keycloak from 'keycloak-js';
import { signedOut, unavailable, type TokenRequest, type TokenSource } from 'react-auth-socket';

/** `ready` is what `keycloak.init()` returned. */
export function keycloakToken(keycloak: Keycloak, ready: Promise<unknown>): TokenSource {
  return {
    async getToken({ forceRefresh, minValidityMs }: TokenRequest) {
      const hasLoaded = await ready.then(
        () => true,
        () => false,
      );
      if (!keycloak.refreshToken) return hasLoaded ? signedOut('no-session') : unavailable();
      try {
        await keycloak.updateToken(forceRefresh ? -1 : Math.ceil(minValidityMs / 1_000));
        return keycloak.token ?? unavailable();
      } catch (cause) {
        // A 400 has taken the tokens away. `NetworkError` is how keycloak-js calls every answer that is not 200.
        const status = (cause as { response?: { status?: number } }).response?.status;
        return !keycloak.refreshToken || status === 401 ? signedOut('denied') : unavailable({ cause });
      }
    },
    subscribe(onChange) {
      const { onAuthLogout, onAuthSuccess } = keycloak;
      keycloak.onAuthLogout = () => (onAuthLogout?.(), onChange());
      keycloak.onAuthSuccess = () => (onAuthSuccess?.(), onChange());
      return () => Object.assign(keycloak, { onAuthLogout, onAuthSuccess });
    },
  };
}

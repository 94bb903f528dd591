import {
  AuthError,
  EventType,
  InteractionRequiredAuthError,
  type IPublicClientApplication,
  type SilentRequest,
} from '@azure/msal-browser';
import { signedOut, unavailable, type TokenRequest, type TokenSource } from 'react-auth-socket';

const ended = ['invalid_grant', 'invalid_token', 'no_account_error'];

/** Not all of them: each call of `acquireTokenSilent` is an event, too. */
const changes = [EventType.LOGIN_SUCCESS, EventType.LOGOUT_SUCCESS, EventType.ACTIVE_ACCOUNT_CHANGED];

/** `ready` is `msal.initialize().then(() => msal.handleRedirectPromise())`: before it there is no account yet. */
export function msalToken(
  msal: IPublicClientApplication,
  ready: Promise<unknown>,
  request: SilentRequest,
): TokenSource {
  return {
    async getToken({ forceRefresh }: TokenRequest) {
      await ready;
      const account = msal.getActiveAccount() ?? msal.getAllAccounts()[0];
      if (!account) return signedOut('no-account');
      try {
        // A token is renewed in its last five minutes, so ahead of the two minutes at which we ask.
        const answer = await msal.acquireTokenSilent({ ...request, account, forceRefresh });
        const token = { token: answer.accessToken, subject: account.homeAccountId };
        const endsAt = answer.expiresOn?.getTime();
        return endsAt ? { ...token, expiresInMs: endsAt - Date.now() } : token;
      } catch (cause) {
        const isOver =
          cause instanceof InteractionRequiredAuthError ||
          (cause instanceof AuthError && ended.includes(cause.errorCode));
        return isOver ? signedOut(cause.errorCode) : unavailable({ cause });
      }
    },
    subscribe(onChange) {
      const id = msal.addEventCallback(onChange, changes);
      return () => id !== null && msal.removeEventCallback(id);
    },
  };
}

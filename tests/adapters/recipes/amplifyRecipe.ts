import { Amplify } from 'aws-amplify';
import { fetchAuthSession } from 'aws-amplify/auth';
import { Hub } from 'aws-amplify/utils';
import { signedOut, unavailable, type TokenRequest, type TokenSource } from 'react-auth-socket';

/** By these Amplify deletes the tokens and throws. At `NotAuthorizedException` it deletes them and throws nothing. */
const ended = [
  'TokenRevokedException',
  'RefreshTokenReuseException',
  'UserNotFoundException',
  'UserNotConfirmedException',
  'PasswordResetRequiredException',
];

const accessToken = async (forceRefresh: boolean) =>
  (await fetchAuthSession({ forceRefresh })).tokens?.accessToken.toString();

export const amplifyToken: TokenSource = {
  async getToken({ forceRefresh, previous, minValidityMs }: TokenRequest) {
    // Without a configuration Amplify says what it says of somebody who has left.
    if (!Amplify.getConfig().Auth) return unavailable();
    try {
      const held = await accessToken(forceRefresh);
      const isDue = held !== undefined && held === previous?.token && minValidityMs > 0;
      const token = isDue ? await accessToken(true) : held;
      return token ?? signedOut('no-tokens');
    } catch (cause) {
      return cause instanceof Error && ended.includes(cause.name)
        ? signedOut(cause.name)
        : unavailable({ cause });
    }
  },
  subscribe: onChange =>
    Hub.listen('auth', ({ payload }) => payload.event !== 'tokenRefresh_failure' && onChange()),
};

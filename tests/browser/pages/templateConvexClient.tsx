import { useAuth } from '@workos-inc/authkit-react';
import { ConvexProviderWithAuth } from 'convex/react';
import * as React from 'react';
import { record } from '../harness/pageLog';
import type { SessionForConvex as Session } from './convexSettings';

/**
 * The Convex page as the template joins the two SDKs: a token that cannot be had is a missing one.
 *
 * @see https://github.com/get-convex/templates/blob/main/template-react-vite-authkit/src/ConvexProviderWithAuthKit.tsx
 */
export const SessionForConvex: Session = ({ convex, children }) => (
  <ConvexProviderWithAuth
    client={convex}
    // eslint-disable-next-line react/hooks -- the provider calls it
    useAuth={useAuthFromAuthKit}
  >
    {children}
  </ConvexProviderWithAuth>
);

function useAuthFromAuthKit() {
  const { isLoading, user, getAccessToken } = useAuth();
  const fetchAccessToken = React.useCallback(async () => {
    try {
      return await getAccessToken();
    } catch (error) {
      record('note', `no access token: ${String(error)}`);
      return null;
    }
  }, [getAccessToken]);
  return React.useMemo(
    () => ({ isLoading, isAuthenticated: user !== null, fetchAccessToken }),
    [isLoading, user, fetchAccessToken],
  );
}

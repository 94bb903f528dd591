'use client';
import * as React from 'react';
import type { SocketStatus } from '../machine/snapshot';
import { AuthSocketContext, useSocketOf } from '../react/context';
import { useLayoutEffectInBrowser } from '../react/useLayoutEffectInBrowser';
import { useStatusOf } from '../react/useSocketStatus';
import { internalsOf } from '../runtime/internals';
import { createTokenCourier } from './tokenCourier';

/** What `ConvexProviderWithAuth` wants to know of a user. */
export interface AuthForConvex {
  /** Only before the first answer of the token source. */
  isLoading: boolean;
  /** Stays true whatever happens to the network, to the token or to its source; false once the session is over. */
  isAuthenticated: boolean;
  /** Pending until there is a token; null once the session is over or the provider is unmounted. Never rejects. */
  fetchAccessToken(args: { forceRefreshToken: boolean }): Promise<string | null>;
}

/**
 * The `useAuth` of `ConvexProviderWithAuth`: `<ConvexProviderWithAuth client={convex} useAuth={useAuthForConvex}>`.
 *
 * Reads the session of the `AuthSocketProvider` above, which needs no `url`: the socket is Convex's own. Where
 * Convex would take a failed token call for a sign-out, it is kept waiting. A forced call is answered by a token that
 * differs from the last one: the same again would make Convex stop asking ahead of expiry.
 *
 * A session whose credential is a cookie has no token to give: Convex stays unauthenticated.
 *
 * @see https://docs.convex.dev/auth/advanced/custom-auth
 */
export function useAuthForConvex(): AuthForConvex {
  const socket = useSocketOf(AuthSocketContext, 'useAuthForConvex');
  const { isLoading, isAuthenticated } = useStatusOf(socket, selectAuth);

  // Another function tells Convex that the user is another one; nothing else does when a token only changes its owner.
  const [delivery, setDelivery] = React.useState(() => ({ socket, courier: createTokenCourier(socket) }));
  const { courier } = delivery;
  if (delivery.socket !== socket) setDelivery({ socket, courier: createTokenCourier(socket) });
  useLayoutEffectInBrowser(
    () => internalsOf(socket).onForget(() => setDelivery({ socket, courier: createTokenCourier(socket) })),
    [socket],
  );
  // Not in a layout effect: Convex must have let go of its own call before that is answered.
  React.useEffect(() => courier.dismiss, [courier]);

  return React.useMemo(
    () => ({
      isLoading,
      isAuthenticated,
      fetchAccessToken: ({ forceRefreshToken }) => courier.fetch(forceRefreshToken),
    }),
    [isLoading, isAuthenticated, courier],
  );
}

function selectAuth({ session }: SocketStatus) {
  const isLoading = session === 'unknown';
  return { isLoading, isAuthenticated: !isLoading && session !== 'signed-out' };
}

import { LoginRequiredError, useAuth } from '@workos-inc/authkit-react';
import { ConvexProviderWithAuth } from 'convex/react';
import * as React from 'react';
import { authKitToken } from '../../../src/adapters/authkit';
import { useAuthForConvex } from '../../../src/adapters/convex';
import { AuthSocketProvider } from '../../../src/index';
import { record } from '../harness/pageLog';
import type { SessionForConvex as Session } from './convexSettings';

/** The Convex page with this package between the two SDKs, as the docs have it. */
export const SessionForConvex: Session = ({ convex, settings, children }) => (
  <AuthSocketProvider
    getToken={authKitToken(useAuth(), { LoginRequiredError })}
    refreshLeadMs={5_000 * settings.scale}
    onTrace={event => {
      if (event.type === 'session.changed') record('note', `session ${event.from} -> ${event.to}`);
    }}
  >
    <ConvexProviderWithAuth
      client={convex}
      // eslint-disable-next-line react/hooks -- the provider calls it
      useAuth={useAuthForConvex}
    >
      {children}
    </ConvexProviderWithAuth>
  </AuthSocketProvider>
);

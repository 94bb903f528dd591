import { AuthKitProvider, useAuth } from '@workos-inc/authkit-react';
import {
  Authenticated,
  ConvexReactClient,
  Unauthenticated,
  useConvexAuth,
  useConvexConnectionState,
  useQuery,
} from 'convex/react';
import { makeFunctionReference } from 'convex/server';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { record, startPageLog } from '../harness/pageLog';
import type { ConvexSettings } from './convexSettings';
import { SessionForConvex } from './oursConvexClient';

/** The session page once more, made of the real SDKs: AuthKit knows the user, Convex has the data and the socket. */

startPageLog();

const settings = JSON.parse(
  new URLSearchParams(window.location.search).get('settings') ?? '{}',
) as ConvexSettings;
const convex = new ConvexReactClient(settings.convexUrl, {
  authRefreshTokenLeewaySeconds: 10 * settings.scale,
  unsavedChangesWarning: false,
  logger: {
    logVerbose: () => {},
    log: (...args) => record('note', `Convex: ${args.join(' ')}`),
    warn: (...args) => record('note', `Convex: ${args.join(' ')}`),
    error: (...args) => record('note', `Convex: ${args.join(' ')}`),
  },
});
const feed = makeFunctionReference<
  'query',
  Record<string, never>,
  { viewer: string | null; said: readonly string[] }
>('feed:list');

function Application() {
  const { isLoading, isAuthenticated } = useConvexAuth();
  const { isWebSocketConnected: isOpen } = useConvexConnectionState();
  React.useEffect(() => {
    record('status', { isLoading, isAuthenticated, isOpen });
  }, [isLoading, isAuthenticated, isOpen]);
  return (
    <>
      <Authenticated>
        <Inbox />
      </Authenticated>
      <Unauthenticated>
        <SignIn />
      </Unauthenticated>
    </>
  );
}

function Inbox() {
  const result = useQuery(feed, {});
  React.useEffect(() => {
    if (result) record('message', result.viewer);
  }, [result]);
  React.useEffect(() => {
    record('mounted');
    return () => record('unmounted');
  }, []);
  return (
    <main>
      <h1>Inbox</h1>
      <textarea id="draft" />
      <ol>
        {result?.said.map(text => (
          <li key={text}>{text}</li>
        ))}
      </ol>
    </main>
  );
}

function SignIn() {
  const { signIn } = useAuth();
  return (
    <main>
      <h1>Please sign in</h1>
      <button onClick={() => void signIn()}>Sign in</button>
    </main>
  );
}

createRoot(document.getElementById('root')!).render(
  <AuthKitProvider
    clientId={settings.clientId}
    apiHostname="127.0.0.1"
    port={settings.workosPort}
    https={false}
    redirectUri={`${window.location.origin}/callback`}
    refreshBufferInterval={10 * settings.scale}
  >
    <SessionForConvex convex={convex} settings={settings}>
      <Application />
    </SessionForConvex>
  </AuthKitProvider>,
);

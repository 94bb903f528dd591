import {
  Authenticated,
  AuthLoading,
  ConvexProviderWithAuth,
  ConvexReactClient,
  Unauthenticated,
  useConvexAuth,
  useMutation,
  useQuery,
} from 'convex/react';
import { makeFunctionReference } from 'convex/server';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { WebSocket as NodeWebSocket } from 'ws';
import { useAuthForConvex, type AuthForConvex } from '../../src/adapters/convex';
import {
  AuthSocketProvider,
  useSocket,
  type AuthSocket,
  type AuthSocketProviderProps,
} from '../../src/index';
import { startConvexServer, type ConvexServer } from '../server/convexServer';
import { TokenScript } from './tokenScript';

/** A small Convex application with the real client, and what became of its user. */
export interface ConvexPage {
  server: ConvexServer;
  tokens: TokenScript;
  /** Our client; null with a `useAuth` of another kind. */
  socket(): AuthSocket;
  /** How often `setAuth` was called. */
  setAuthCalls(): number;
  /** What the user saw, one word for each change. */
  readonly screens: readonly Screen[];
  readonly mounts: number;
  /** How often the user went from signed in to something else. */
  signOuts(): number;
  /** The query's last result. */
  result(): FeedResult | undefined;
  say(text: string): Promise<unknown>;
  unmount(): void;
  /** Ends the page, its client and its server. */
  close(): Promise<void>;
}

export type Screen = 'loading' | 'inbox' | 'sign-in';

export interface FeedResult {
  viewer: string | null;
  said: readonly string[];
}

export interface ConvexPageOptions {
  /** Makes another `useAuth`; no provider of ours then. */
  authOf?: (tokens: TokenScript) => () => AuthForConvex;
  provider?: Partial<AuthSocketProviderProps>;
  lifeMs?: number;
  /** Of the Convex client: how long before its end a token is replaced. */
  leewayMs?: number;
  isStrict?: boolean;
  steps?: TokenScript['steps'];
}

const feed = makeFunctionReference<'query', Record<string, never>, FeedResult>('feed:list');
const addToFeed = makeFunctionReference<'mutation', { text: string }, null>('feed:add');

/** Convex asks 0.6 s after it got a token: it takes none that lives for two seconds or less. */
export async function openConvexPage(options: ConvexPageOptions = {}): Promise<ConvexPage> {
  const { authOf, provider, lifeMs = 2_600, leewayMs = 2_000, isStrict = false, steps = [] } = options;
  const server = await startConvexServer();
  const tokens = new TokenScript(lifeMs, steps);
  const convex = new ConvexReactClient(server.url, {
    logger: false,
    // The one of jsdom's window and its events do not belong together.
    webSocketConstructor: NodeWebSocket as unknown as typeof WebSocket,
    authRefreshTokenLeewaySeconds: leewayMs / 1_000,
  });
  let setAuthCalls = 0;
  const setAuth = convex.setAuth.bind(convex);
  convex.setAuth = (...args) => {
    setAuthCalls++;
    setAuth(...args);
  };

  const screens: Screen[] = [];
  let mounts = 0;
  let socket: AuthSocket | null = null;
  let result: FeedResult | undefined;
  let say: (text: string) => Promise<unknown> = () => Promise.reject(new Error('Nobody is signed in.'));

  function Client() {
    socket = useSocket() as AuthSocket;
    return null;
  }
  function Inbox() {
    const add = useMutation(addToFeed);
    result = useQuery(feed, {});
    say = text => add({ text });
    React.useEffect(() => {
      mounts++;
    }, []);
    return <textarea />;
  }
  function Screens() {
    const { isLoading, isAuthenticated } = useConvexAuth();
    const screen = isLoading ? 'loading' : isAuthenticated ? 'inbox' : 'sign-in';
    React.useEffect(() => {
      if (screens.at(-1) !== screen) screens.push(screen);
    }, [screen]);
    return (
      <>
        <AuthLoading>Loading…</AuthLoading>
        <Unauthenticated>Please sign in</Unauthenticated>
        <Authenticated>
          <Inbox />
        </Authenticated>
      </>
    );
  }
  const application = (useAuthHere: () => AuthForConvex) => (
    <ConvexProviderWithAuth client={convex} useAuth={useAuthHere}>
      <Screens />
    </ConvexProviderWithAuth>
  );
  const page = authOf ? (
    application(authOf(tokens))
  ) : (
    <AuthSocketProvider
      getToken={tokens.source}
      // Convex decides when, as the page of the docs has it.
      refreshLeadMs={200}
      timeouts={{ tokenMs: 300 }}
      lingerMs={0}
      {...(provider as object)}
    >
      <Client />
      {application(useAuthForConvex)}
    </AuthSocketProvider>
  );

  const root = createRoot(document.body.appendChild(document.createElement('div')));
  root.render(isStrict ? <React.StrictMode>{page}</React.StrictMode> : page);

  return {
    server,
    tokens,
    socket() {
      if (!socket) throw new Error('There is no client of ours.');
      return socket;
    },
    setAuthCalls: () => setAuthCalls,
    screens,
    get mounts() {
      return mounts;
    },
    signOuts: () => screens.filter((screen, at) => screens[at - 1] === 'inbox' && screen !== 'inbox').length,
    result: () => result,
    say: text => say(text),
    unmount: () => root.unmount(),
    async close() {
      root.unmount();
      await convex.close();
      await server.close();
    },
  };
}

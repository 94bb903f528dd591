import * as React from 'react';
import { createRoot } from 'react-dom/client';
import {
  AuthSocketProvider,
  signedOut,
  tokenEndpoint,
  unavailable,
  useAuthFetch,
  useSocket,
  type AuthSocket,
  type GetToken,
  type TokenSource,
} from '../../../src/index';
import { channelName } from '../../../src/runtime/channelName';
import { record, startPageLog } from '../harness/pageLog';
import { spyOnSinks } from './sinkSpy';
import type { TabSettings } from './tabSurface';

/** One of several tabs of a session: the provider as an application renders it, and a log of what it does. */

startPageLog();
const sinks = spyOnSinks();
const settings = JSON.parse(
  new URLSearchParams(window.location.search).get('settings') ?? '{}',
) as TabSettings;

/** Every token this tab ever held; never on `window`. */
const tokens = new Set<string>();
let client: AuthSocket | null = null;
let changeUser: (sessionKey: string | null) => void = () => {};
let currentKey = settings.sessionKey;

const overFetch: GetToken = async ({ signal }) => {
  const answer = await fetch('/auth/refresh', { method: 'POST', signal });
  if (answer.status === 401) return signedOut('denied');
  return answer.ok ? ((await answer.json()) as { access_token: string }).access_token : unavailable();
};

const sources: Record<NonNullable<TabSettings['source']>, TokenSource> = {
  endpoint: tokenEndpoint('/auth/refresh'),
  fetch: overFetch,
  test: async () => window.askTest?.() ?? unavailable(),
};

function Tab() {
  const [sessionKey, setSessionKey] = React.useState(settings.sessionKey);
  changeUser = key => {
    currentKey = key;
    setSessionKey(key);
  };
  return (
    <AuthSocketProvider
      url="/ws"
      getToken={sources[settings.source ?? 'endpoint']}
      {...(sessionKey !== undefined && { sessionKey })}
      onSessionExpired={({ reason, by }) => record('session.expired', { reason, by })}
      onError={({ code }) => record('error', { code })}
      onTrace={event => {
        if (event.type === 'token.asked')
          record('token.asked', { reason: event.reason, forceRefresh: event.force });
        record('note', event);
      }}
      {...settings.options}
    >
      <Work />
    </AuthSocketProvider>
  );
}

function Work() {
  const socket = useSocket();
  const authFetch = useAuthFetch();
  React.useEffect(() => {
    client = socket;
    const note = () => {
      record('status', socket.getStatus());
      void held().then(token => token !== null && tokens.add(token));
    };
    note();
    return socket.subscribe(note);
  }, [socket]);
  React.useEffect(() => {
    const { requestMs } = settings;
    if (requestMs === undefined) return;
    const timer = setInterval(() => {
      // What the server says is counted there; a session that is over has nothing to ask.
      authFetch('/api/me').catch(() => {});
    }, requestMs);
    return () => clearInterval(timer);
  }, [authFetch]);
  return <p>ready</p>;
}

/** The token in hand, if there is one: asking for it must cause no call. */
async function held(): Promise<string | null> {
  const { session, tokenExpiresAt } = client?.getStatus() ?? {};
  const isUsable = session === 'valid' || session === 'refreshing';
  if (!client || !isUsable || (tokenExpiresAt ?? Infinity) <= Date.now() + 20) return null;
  return client.getToken().catch(() => null);
}

async function hashOf(token: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
  return [...digest.slice(0, 4)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

window.tab = {
  client() {
    if (client === null) throw new Error('Nothing is mounted.');
    return client;
  },
  async refresh() {
    const token = await window.tab.client().getToken({ forceRefresh: true });
    tokens.add(token);
    return hashOf(token);
  },
  async fingerprint() {
    const token = await held();
    return token === null ? null : hashOf(token);
  },
  signOut: reason =>
    window.tab.client().signOut({ reason, before: () => fetch('/auth/logout', { method: 'POST' }) }),
  changeUser: key => changeUser(key),
  sharedName: () => channelName(window.location.origin, currentKey ?? ''),
  writes: sinks.writes,
  leaks: () => sinks.holding(tokens),
  async leakEverywhere() {
    const token = (await held()) ?? '';
    const channel = new BroadcastChannel('leak');
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
    channel.postMessage({ token });
    channel.close();
    localStorage.setItem('leak', token);
    document.cookie = `leak=${token}`;
    indexedDB.open(token);
    history.replaceState({ token }, '');
    window.name = token;
  },
};

createRoot(document.getElementById('root')!).render(<Tab />);

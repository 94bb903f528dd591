import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import {
  AuthSocketProvider,
  signedOut,
  unavailable,
  useSocket,
  useSocketMessage,
  type AuthSocket,
  type GetToken,
  type TokenAnswer,
} from '../../../src/index';
import { record, startPageLog } from '../harness/pageLog';
import type { MountSetup, TokenStep } from './lab';

/** A page whose token source and options a test decides, and which tells everything it sees. */

startPageLog();

const steps: TokenStep[] = [];
const tokens: string[] = [];
const printed: string[] = [];
let root: Root | null = null;
let client: AuthSocket | null = null;

const getToken: GetToken = request => {
  const step = steps.shift() ?? 'endpoint';
  const { reason, forceRefresh, attempt } = request;
  record('token.asked', { step, reason, forceRefresh, attempt });
  return answer(step, request.signal);
};

function answer(step: TokenStep, signal: AbortSignal): TokenAnswer | Promise<TokenAnswer> {
  switch (step) {
    case 'reject':
      return Promise.reject(new TypeError('Failed to fetch'));
    case 'throw':
      throw new TypeError('Failed to fetch');
    // What applications answer that were not written in TypeScript.
    case 'null':
      return null as unknown as TokenAnswer;
    case 'undefined':
      return undefined as unknown as TokenAnswer;
    case 'empty':
      return '';
    case 'hang':
      return new Promise(() => {});
    case 'signed-out':
      return signedOut('revoked');
    case 'endpoint':
      return fromEndpoint(signal);
  }
}

async function fromEndpoint(signal: AbortSignal): Promise<TokenAnswer> {
  const response = await fetch('/auth/refresh', { method: 'POST', signal });
  if (response.status === 401) return signedOut('The session is over.');
  if (!response.ok) return unavailable();
  const { access_token: token } = (await response.json()) as { access_token: string };
  tokens.push(token);
  return token;
}

function Probe() {
  const socket = useSocket();
  useSocketMessage(message => record('message', summaryOf(message)));
  React.useEffect(() => {
    client = socket;
    const note = () => record('status', socket.getStatus());
    note();
    return socket.subscribe(note);
  }, [socket]);
  React.useEffect(() => {
    record('mounted');
    return () => record('unmounted');
  }, []);
  return <p>ready</p>;
}

/** Enough to tell messages apart, whatever their size. */
function summaryOf(message: unknown): unknown {
  const { length } = JSON.stringify(message);
  return length < 500 ? message : { type: (message as { type?: unknown }).type, length };
}

/** An error with everything that a log or a crash reporter would write down. */
function wholeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return `${error.stack ?? ''} ${error.message} ${JSON.stringify(error)} ${cause === undefined ? '' : wholeError(cause)}`;
}

window.lab = {
  tokens,
  printed,
  script: next => void steps.splice(0, steps.length, ...next),
  mount({ strict = false, options = {} }: MountSetup = {}) {
    const page = (
      <AuthSocketProvider
        url="/ws"
        getToken={getToken}
        onTrace={event => {
          printed.push(JSON.stringify(event));
          record('note', event);
        }}
        onError={error => {
          printed.push(wholeError(error));
          record('error', { code: error.code });
        }}
        onSessionExpired={({ reason, by }) => record('session.expired', { reason, by })}
        onDropped={({ why }) => record('dropped', { why })}
        {...options}
      >
        <Probe />
      </AuthSocketProvider>
    );
    root ??= createRoot(document.getElementById('root')!);
    root.render(strict ? <React.StrictMode>{page}</React.StrictMode> : page);
  },
  unmount() {
    root?.unmount();
    root = null;
  },
  client() {
    if (client === null) throw new Error('Nothing is mounted.');
    return client;
  },
};

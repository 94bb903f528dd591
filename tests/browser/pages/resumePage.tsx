import * as React from 'react';
import { createRoot } from 'react-dom/client';
import {
  createAuthSocketContext,
  signedOut,
  unavailable,
  type AuthSocket,
  type GetToken,
} from '../../../src/index';
import { record, startPageLog } from '../harness/pageLog';

/** A page that wants every message of a numbered stream, and says on each link where to go on. */

declare global {
  interface Window {
    /** The ticks, in the order in which the page got them. */
    seen: number[];
    replaceLink(): void;
    rotateToken(): Promise<unknown>;
  }
}

type Incoming = { type: 'tick'; seq: number } | { type: 'resumed' };
interface Resume {
  type: 'resume';
  from: number;
}

startPageLog();

const { AuthSocketProvider, useSocket, useSocketMessage, useSocketOpen } = createAuthSocketContext<
  Incoming,
  Resume
>();

const getToken: GetToken = async ({ signal }) => {
  const answer = await fetch('/auth/refresh', { method: 'POST', signal });
  if (answer.status === 401) return signedOut();
  return answer.ok ? ((await answer.json()) as { access_token: string }).access_token : unavailable();
};

function Ticks() {
  const socket = useSocket();
  const [count, setCount] = React.useState(0);
  const last = React.useRef(0);
  useSocketOpen(({ send }) => send({ type: 'resume', from: last.current + 1 }));
  useSocketMessage(
    ({ seq }) => {
      last.current = seq;
      window.seen.push(seq);
      setCount(before => before + 1);
    },
    { topic: 'tick' },
  );
  React.useEffect(() => noteStatus(socket), [socket]);
  return <p>{count} ticks</p>;
}

function noteStatus(socket: AuthSocket<Incoming, Resume>): () => void {
  window.replaceLink = () => socket.reconnect();
  window.rotateToken = () => socket.getToken({ forceRefresh: true });
  const note = () => record('status', socket.getStatus());
  note();
  return socket.subscribe(note);
}

window.seen = [];
createRoot(document.getElementById('root')!).render(
  <React.StrictMode>
    <AuthSocketProvider
      url="/ws"
      getToken={getToken}
      heartbeat={{ intervalMs: 700, timeoutMs: 700 }}
      reconnect={{ minMs: 100, stableAfterMs: 0 }}
      timeouts={{ ackMs: 300 }}
      onSessionExpired={({ reason, by }) => record('session.expired', { reason, by })}
      onError={({ code }) => record('error', { code })}
    >
      <Ticks />
    </AuthSocketProvider>
  </React.StrictMode>,
);

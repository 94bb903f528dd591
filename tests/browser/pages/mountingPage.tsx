import * as React from 'react';
import { createRoot } from 'react-dom/client';
import {
  AuthSocketProvider,
  useAuthToken,
  useSocketMessage,
  useSocketState,
  useSocketStatus,
} from '../../../src/index';
import { startPageLog } from '../harness/pageLog';

/** A page whose application is mounted and unmounted on demand. */
declare global {
  interface Window {
    /** Mounts, waits for the open link, unmounts, and waits until the client is dormant. */
    mountOnce(): Promise<void>;
  }
}

async function getToken(): Promise<string> {
  const answer = await fetch('/auth/refresh', { method: 'POST' });
  return ((await answer.json()) as { access_token: string }).access_token;
}

function Row({ onOpen }: { onOpen(): void }) {
  const link = useSocketStatus(status => status.link);
  const count = useSocketState((n: number, batch) => n + batch.length, 0);
  const { session } = useAuthToken();
  useSocketMessage(() => {});
  React.useEffect(() => {
    if (link === 'open') onOpen();
  }, [link, onOpen]);
  return (
    <p>
      {session} {link} {count}
    </p>
  );
}

startPageLog();
window.mountOnce = async () => {
  const place = document.body.appendChild(document.createElement('div'));
  const root = createRoot(place);
  await new Promise<void>(resolve => {
    root.render(
      <AuthSocketProvider url="/ws" getToken={getToken} lingerMs={0}>
        {Array.from({ length: 20 }, (_, i) => (
          <Row key={i} onOpen={resolve} />
        ))}
      </AuthSocketProvider>,
    );
  });
  root.unmount();
  place.remove();
  await new Promise(resolve => setTimeout(resolve, 20));
  // The log of this page keeps every socket alive, which is not what is measured here.
  window.sockets.length = 0;
};

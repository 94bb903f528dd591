import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { record, startPageLog } from '../harness/pageLog';
import type { ClientSettings } from './clientSurface';
import { ClientProvider, useClientMessages, useClientStatus } from './ourClient';

/** A small application with something to lose: a draft that lives only in the signed-in part of the page. */

startPageLog();

function SessionPage() {
  const { isLoading, isAuthenticated, isOpen } = useClientStatus();
  React.useEffect(() => {
    record('status', { isLoading, isAuthenticated, isOpen });
  }, [isLoading, isAuthenticated, isOpen]);
  if (isLoading) return <p>Loading…</p>;
  return isAuthenticated ? <Inbox isOpen={isOpen} /> : <SignIn />;
}

function Inbox({ isOpen }: { isOpen: boolean }) {
  const [messages, setMessages] = React.useState<readonly string[]>([]);
  useClientMessages(message => {
    record('message');
    setMessages(last => [...last.slice(-4), JSON.stringify(message)]);
  });
  React.useEffect(() => {
    record('mounted');
    return () => record('unmounted');
  }, []);
  return (
    <main>
      <h1>Inbox</h1>
      <p>{isOpen ? 'live' : 'reconnecting'}</p>
      <textarea id="draft" />
      <ol>
        {messages.map((text, index) => (
          <li key={index}>{text}</li>
        ))}
      </ol>
    </main>
  );
}

function SignIn() {
  return (
    <main>
      <h1>Please sign in</h1>
      <button>Sign in</button>
    </main>
  );
}

const settings = JSON.parse(
  new URLSearchParams(window.location.search).get('settings') ?? '{"scale":1}',
) as ClientSettings;
createRoot(document.getElementById('root')!).render(
  <ClientProvider settings={settings}>
    <SessionPage />
  </ClientProvider>,
);

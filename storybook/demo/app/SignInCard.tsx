import * as React from 'react';
import { user } from '../user';
import { signIn } from './account';
import type { SessionEnd } from './Demo';
import { useSocket } from './socket';

/** What a user sees when the session is really over, and the way back in. */
export function SignInCard({ end }: { end: SessionEnd | null }): React.ReactElement {
  const socket = useSocket();
  const title = React.useRef<HTMLHeadingElement>(null);
  const [state, setState] = React.useState<'idle' | 'busy' | 'failed'>('idle');
  // The button that had the focus is gone with the session.
  React.useEffect(() => {
    if (end) title.current?.focus();
  }, [end]);

  async function enter(): Promise<void> {
    setState('busy');
    try {
      await signIn();
      socket.retrySession();
    } catch {
      setState('failed');
    }
  }

  return (
    <div className="sign-in">
      <h2 id="messages-title" ref={title} tabIndex={-1}>
        You are signed out
      </h2>
      <p>{endWords(end)}</p>
      <button type="button" className="primary" disabled={state === 'busy'} onClick={() => void enter()}>
        {end ? 'Sign in again' : 'Sign in'} as {user.name}
      </button>
      <p role="status">
        {state === 'failed' ? 'The server cannot be reached. Restore the network, then try again.' : ''}
      </p>
    </div>
  );
}

function endWords(end: SessionEnd | null): string {
  if (!end) return 'Nobody has signed in here yet.';
  return end.by === 'this-tab'
    ? 'You said so yourself.'
    : `The token source said so: ${end.reason.replaceAll('_', ' ')}. Nothing less ends a session.`;
}

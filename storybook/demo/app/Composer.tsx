import * as React from 'react';
import type { SentMessage } from './sentMessages';
import { useSocket } from './socket';

interface ComposerProps {
  isSignedOut: boolean;
  onSaid: (message: SentMessage) => void;
}

/** The draft lives in the tree, and the tree is never unmounted. */
export function Composer({ isSignedOut, onSaid }: ComposerProps): React.ReactElement {
  const socket = useSocket();
  const [draft, setDraft] = React.useState('');
  const text = draft.trim();

  function say(event: React.FormEvent): void {
    event.preventDefault();
    if (text === '' || isSignedOut) return;
    const id = crypto.randomUUID();
    const outcome = socket.send({ type: 'echo', id, text });
    onSaid({
      id,
      text,
      state: outcome === 'queued' ? 'waiting' : outcome === 'sent' ? 'underway' : 'dropped',
    });
    setDraft('');
  }

  return (
    <form className="composer" onSubmit={say}>
      <label htmlFor="draft">Your draft is never lost</label>
      <textarea
        id="draft"
        rows={2}
        value={draft}
        placeholder="Type something, then press any button on this page."
        onChange={event => setDraft(event.target.value)}
      />
      <p className="composer-foot">
        <span>
          {isSignedOut ? 'Sign in to send it. It stays here.' : 'Without a link it waits up to a minute.'}
        </span>
        <button type="submit" className="primary" disabled={text === '' || isSignedOut}>
          Send
        </button>
      </p>
    </form>
  );
}

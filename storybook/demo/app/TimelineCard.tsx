import * as React from 'react';
import { useSocket } from './socket';

const AuthSocketTimeline = React.lazy(async () => {
  const devtools = await import('react-auth-socket/devtools');
  return { default: devtools.AuthSocketTimeline };
});

/** What the link did over the last minutes, for whoever wants to see it. Costs nothing until it is opened. */
export function TimelineCard(): React.ReactElement {
  const socket = useSocket();
  const [isOpen, setOpen] = React.useState(false);
  return (
    <details className="card timeline" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Show the timeline</summary>
      {isOpen && (
        <React.Suspense fallback={<p>…</p>}>
          <AuthSocketTimeline socket={socket} />
        </React.Suspense>
      )}
    </details>
  );
}

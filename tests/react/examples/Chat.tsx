// Chat.tsx
import * as React from 'react';
import { useConnectionNotice, useSocket, useSocketState } from 'react-auth-socket';

interface Line {
  type: 'line';
  text: string;
}

export function Chat() {
  const socket = useSocket();
  const notice = useConnectionNotice();
  const lines = useSocketState<string[]>(
    (former, batch) => [...former, ...(batch as Line[]).map(({ text }) => text)],
    [],
    { topic: 'line' },
  );
  return (
    <>
      {notice && <p role="status">{notice.kind === 'signed-out' ? 'Please sign in.' : 'Reconnecting…'}</p>}
      <ul>
        {lines.map((text, index) => (
          <li key={index}>{text}</li>
        ))}
      </ul>
      <button onClick={() => socket.send({ type: 'say', text: 'hello' })}>Say hello</button>
    </>
  );
}

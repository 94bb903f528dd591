import * as React from 'react';
import { useConnectionNotice, useSocket, useSocketStatus, type ConnectionNotice } from 'react-auth-socket';
import type { Diary } from './scene';

const words: Readonly<Record<ConnectionNotice['kind'], string>> = {
  reconnecting: 'No connection. We are trying again; you can go on writing.',
  offline: 'You are offline. What you write is kept.',
  'signed-out': 'You are signed out. Your draft stays here.',
  blocked: 'The connection was ended by the server.',
};

/** The one line that an application needs. The place is reserved, so that nothing jumps. */
export function Banner({ diary }: { diary: Diary }): React.ReactElement {
  const notice = useConnectionNotice();
  const stopReason = useSocketStatus(status => status.stopReason);
  const socket = useSocket();
  const kind = notice?.kind ?? null;
  React.useEffect(() => {
    if (kind) diary.notices.push(kind);
  }, [kind, diary]);
  const isTakenOver = kind === 'blocked' && stopReason === 'taken-over';
  return (
    <div className={`app-banner ${kind ?? ''}`} role="status">
      {kind && <span>{isTakenOver ? 'You went on in another window.' : words[kind]}</span>}
      {kind === 'blocked' && (
        <button type="button" onClick={() => socket.reconnect()}>
          {isTakenOver ? 'Go on here' : 'Try again'}
        </button>
      )}
      {kind === 'signed-out' && (
        <button type="button" onClick={() => socket.retrySession()}>
          Sign in
        </button>
      )}
    </div>
  );
}

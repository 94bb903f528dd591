import * as React from 'react';
import { useSocket, type ConnectionNotice } from 'react-auth-socket';
import { noticeWords } from './noticeWords';

/** The button beside a notice, outside of its live region. */
export function NoticeAction({ notice }: { notice: ConnectionNotice }): React.ReactElement | null {
  const socket = useSocket();
  const { action } = noticeWords(notice);
  if (action === null) return null;
  return (
    <button
      type="button"
      className="notice-action"
      // Your application shows its sign-in page; when that is done it says `retrySession()`, too.
      onClick={() => (notice.kind === 'signed-out' ? socket.retrySession() : socket.reconnect())}
    >
      {action}
    </button>
  );
}

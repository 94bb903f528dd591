import * as React from 'react';
import { useConnectionNotice } from 'react-auth-socket';
import { NoticeAction } from './NoticeAction';
import { noticeWords } from './noticeWords';

/** A pill in a corner, for pages where the connection is not the main thing. */
export function CornerPill(): React.ReactElement {
  const notice = useConnectionNotice();
  const words = notice && noticeWords(notice);
  return (
    <div className={`corner-pill ${words?.tone ?? ''}`}>
      <p role="status">{words?.short}</p>
      {notice && <NoticeAction notice={notice} />}
    </div>
  );
}

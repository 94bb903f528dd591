import * as React from 'react';
import { useConnectionNotice, useSocketStatus } from 'react-auth-socket';
import { NoticeAction } from './NoticeAction';
import { noticeWords } from './noticeWords';

/** A line under the field that a user writes in, where it matters. Its place is kept free, so nothing moves. */
export function ComposerNote(): React.ReactElement {
  const notice = useConnectionNotice();
  const queued = useSocketStatus(status => status.queued);
  const waiting = queued === 0 ? '' : queued === 1 ? ' One message waits.' : ` ${queued} messages wait.`;
  return (
    <div className={`composer-note ${notice ? noticeWords(notice).tone : ''}`}>
      <p role="status">{notice && noticeWords(notice).text + waiting}</p>
      {notice && <NoticeAction notice={notice} />}
    </div>
  );
}

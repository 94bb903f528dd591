import * as React from 'react';
import { useConnectionNotice } from 'react-auth-socket';
import { Countdown } from './Countdown';
import { NoticeAction } from './NoticeAction';
import { noticeWords } from './noticeWords';

/** A slim bar at the upper edge. It lies over the page and takes no room in it, so nothing moves. */
export function SlimBar({ now = Date.now }: { now?: () => number }): React.ReactElement {
  const notice = useConnectionNotice();
  const words = notice && noticeWords(notice);
  return (
    <div className="notice-edge">
      <div className={`slim-bar ${words?.tone ?? ''}`}>
        {/* Always there, and never hidden: a live region that appears together with its text is not read out. */}
        <p role="status">{words?.text}</p>
        {notice?.kind === 'reconnecting' && <Countdown to={notice.retryAt} now={now} />}
        {notice && <NoticeAction notice={notice} />}
      </div>
    </div>
  );
}

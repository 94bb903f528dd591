import * as React from 'react';
import { STRIP_LENGTH, type TickFeed } from './tickFeed';
import { timeOfDay } from './timeWords';

/** The numbered stream as a row of bars, one a second; those that came late are hollow. */
export function TickStrip({ feed }: { feed: TickFeed }): React.ReactElement {
  const { recent, received, caughtUp, missing } = feed;
  const last = recent.at(-1);
  return (
    <div className="stream">
      <p className="counts">
        <strong>{last ? `#${last.seq}` : 'None yet'}</strong>
        <span>{last ? timeOfDay(last.at) : ''}</span>
        <span>{received} received</span>
        <span>{caughtUp} caught up</span>
        <span className={missing > 0 ? 'missing' : ''}>{missing} missing</span>
      </p>
      <div
        className="strip"
        role="img"
        aria-label={`The last ${recent.length} messages of the stream, ${missing} missing`}
        style={{ '--length': STRIP_LENGTH } as React.CSSProperties}
      >
        {recent.map(({ seq, isCaughtUp }) => (
          <i key={seq} className={isCaughtUp ? 'late' : undefined} />
        ))}
      </div>
      <p className="legend">
        One a second. <i /> came as it happened, <i className="late" /> came after an outage.
      </p>
    </div>
  );
}

import * as React from 'react';
import type { EventLog } from './eventLog';
import { timeOfDay } from './timeWords';

const marks = { good: '✓', bad: '!', plain: '·', you: '›' } as const;

/** What happened and why, newest first. */
export function LogCard({ log }: { log: EventLog }): React.ReactElement {
  const entries = React.useSyncExternalStore(log.subscribe, log.get);
  return (
    <section className="card log" aria-labelledby="log-title">
      <h2 id="log-title">What happened, and why</h2>
      <ol tabIndex={0} aria-labelledby="log-title">
        {entries.map(({ id, at, tone, text }) => (
          <li key={id} className={tone}>
            <time dateTime={new Date(at).toISOString()}>{timeOfDay(at)}</time>
            <span className="mark" aria-hidden="true">
              {marks[tone]}
            </span>
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

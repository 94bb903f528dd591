import * as React from 'react';
import type { AuthSocketOptions } from 'react-auth-socket';
import { getToken } from './account';
import type { EventLog } from './eventLog';
import { Page } from './Page';
import { reduceSent } from './sentMessages';
import type { SleepyClock } from './sleepyClock';
import { AuthSocketProvider, type Outgoing } from './socket';

/** So that nobody has to wait for the next ping or a deadline. An application leaves these out. */
const shortTimes: Pick<AuthSocketOptions, 'heartbeat' | 'timeouts' | 'reconnect'> = {
  heartbeat: { intervalMs: 4_000, timeoutMs: 2_000 },
  timeouts: { tokenMs: 4_000, dialMs: 4_000, readyMs: 4_000, ackMs: 4_000, probeMs: 2_000 },
  reconnect: { maxMs: 5_000, stableAfterMs: 1_500 },
};

/** How the last session ended. */
export type SessionEnd = Parameters<NonNullable<AuthSocketOptions['onSessionExpired']>>[0];

interface DemoProps {
  clock: SleepyClock;
  log: EventLog;
  /** Settles when there may be a session to ask for. */
  entered: Promise<void>;
}

/** The application: a provider around everything that outlives the link. */
export function Demo({ clock, log, entered }: DemoProps): React.ReactElement {
  const [hasEntered, setEntered] = React.useState(false);
  React.useEffect(() => void entered.then(() => setEntered(true)), [entered]);
  const [end, setEnd] = React.useState<SessionEnd | null>(null);
  const [sent, changeSent] = React.useReducer(reduceSent, []);
  const onDropped = ({ message }: { message: Outgoing }) => {
    if (message.type === 'echo') changeSent({ type: 'moved', id: message.id, to: 'dropped' });
  };
  return (
    <AuthSocketProvider
      url="/ws"
      enabled={hasEntered}
      getToken={getToken}
      platform={{ clock }}
      onSessionExpired={setEnd}
      onDropped={onDropped}
      onTrace={log.trace}
      {...shortTimes}
    >
      <Page clock={clock} log={log} end={end} sent={sent} changeSent={changeSent} />
    </AuthSocketProvider>
  );
}

import * as React from 'react';
import { Composer } from './Composer';
import type { SessionEnd } from './Demo';
import type { EventLog } from './eventLog';
import { Header } from './Header';
import { LogCard } from './LogCard';
import { Messages } from './Messages';
import type { SentChange, SentMessage } from './sentMessages';
import { SignInCard } from './SignInCard';
import { SleepCurtain } from './SleepCurtain';
import type { SleepyClock } from './sleepyClock';
import { useSocket, useSocketStatus } from './socket';
import { Glance, StatusCard } from './StatusCard';
import { TimelineCard } from './TimelineCard';
import { TroubleCard } from './TroubleCard';
import { useRoute } from './useRoute';
import { useSleep } from './useSleep';
import { YourServer } from './YourServer';

interface PageProps {
  clock: SleepyClock;
  log: EventLog;
  end: SessionEnd | null;
  sent: readonly SentMessage[];
  changeSent: (change: SentChange) => void;
}

/** The whole window. What is typed or was received stays in the tree whatever happens to the link. */
export function Page({ clock, log, end, sent, changeSent }: PageProps): React.ReactElement {
  const socket = useSocket();
  const isSignedOut = useSocketStatus(({ session }) => session === 'signed-out');
  const { path, go } = useRoute();
  const { isAsleep, sleep } = useSleep(clock, log);
  React.useLayoutEffect(() => log.watch(socket), [log, socket]);
  return (
    <>
      <Header path={path} go={go} isSignedOut={isSignedOut} />
      {path === '/' && <Glance clock={clock} />}
      <main className="application" hidden={path !== '/'}>
        <StatusCard clock={clock} />
        <TroubleCard clock={clock} log={log} onSleep={sleep} />
        <section className="card messages" aria-labelledby="messages-title">
          {isSignedOut ? <SignInCard end={end} /> : <Messages sent={sent} changeSent={changeSent} />}
          <Composer isSignedOut={isSignedOut} onSaid={message => changeSent({ type: 'said', message })} />
        </section>
        <LogCard log={log} />
        <TimelineCard />
      </main>
      <main className="document" hidden={path === '/'}>
        <YourServer />
      </main>
      {isAsleep && <SleepCurtain />}
    </>
  );
}

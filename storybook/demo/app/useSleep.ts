import * as React from 'react';
import { demoTimes } from '../demoTimes';
import type { EventLog } from './eventLog';
import type { SleepyClock } from './sleepyClock';
import { span } from './timeWords';

/** Puts the client to sleep for a while. No event tells it of that, as no event tells a real page. */
export function useSleep(clock: SleepyClock, log: EventLog): { isAsleep: boolean; sleep: () => void } {
  const [isAsleep, setAsleep] = React.useState(false);
  React.useEffect(() => {
    if (!isAsleep) return;
    clock.fallAsleep();
    const wake = () => {
      clock.wake(demoTimes.passesMs);
      const text = `Awake: ${span(demoTimes.passesMs)} have passed, and the network needs another ${span(demoTimes.networkBackMs)}`;
      log.note(clock.wallMs(), { tone: 'you', text });
      setAsleep(false);
    };
    const timer = setTimeout(wake, demoTimes.standsStillMs);
    return () => clearTimeout(timer);
  }, [isAsleep, clock, log]);
  return { isAsleep, sleep: () => setAsleep(true) };
}

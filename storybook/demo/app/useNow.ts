import * as React from 'react';
import type { Clock } from 'react-auth-socket';

const STEP_MS = 200;

/** Wall time that moves, for countdowns. Renders five times a second: use it in leaves. */
export function useNow(clock: Clock): number {
  const [now, setNow] = React.useState(clock.wallMs);
  React.useEffect(() => {
    const timer = setInterval(() => setNow(clock.wallMs()), STEP_MS);
    return () => clearInterval(timer);
  }, [clock]);
  return now;
}

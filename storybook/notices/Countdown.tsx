import * as React from 'react';

interface CountdownProps {
  /** Epoch ms; past or null: it is happening. */
  to: number | null;
  now: () => number;
}

/** The time until the next try, for the eye only: a screen reader would hear it every second. */
export function Countdown({ to, now }: CountdownProps): React.ReactElement {
  const [seconds, setSeconds] = React.useState(() => secondsUntil(to, now()));
  React.useEffect(() => {
    const look = () => setSeconds(secondsUntil(to, now()));
    look();
    const timer = setInterval(look, 250);
    return () => clearInterval(timer);
  }, [to, now]);
  return (
    <span className="notice-countdown" aria-hidden="true">
      {seconds > 0 ? `Next try in ${seconds} s` : 'Trying now…'}
    </span>
  );
}

function secondsUntil(to: number | null, now: number): number {
  return to === null ? 0 : Math.max(0, Math.ceil((to - now) / 1_000));
}

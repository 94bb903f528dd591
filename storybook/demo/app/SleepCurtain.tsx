import * as React from 'react';

/** Lies over the page while it sleeps. */
export function SleepCurtain(): React.ReactElement {
  return (
    <div className="curtain" role="status">
      <p className="curtain-title">Asleep</p>
      <p>
        The lid is closed. Timers stand still, nothing arrives, and eight hours pass on the clocks of page and
        server.
      </p>
    </div>
  );
}

import * as React from 'react';
import type { Trouble, TroubleState } from '../troubles';

const none: TroubleState = { network: 'up', tokenEndpoint: 'up' };

/** What is broken in the demo's server process, and the way to break it. These requests bypass the broken network. */
export function useTroubles(): { state: TroubleState; make: (trouble: Trouble) => Promise<void> } {
  const [state, setState] = React.useState(none);
  const look = React.useCallback(async (method: 'GET' | 'POST', name: Trouble | 'troubles') => {
    const answer = await fetch(`/demo/${name}`, { method });
    if (!answer.ok) throw new Error(`/demo/${name} was answered with ${answer.status}.`);
    setState((await answer.json()) as TroubleState);
  }, []);
  React.useEffect(() => {
    const refresh = () => void look('GET', 'troubles').catch(() => {});
    refresh();
    // Another tab may have changed it meanwhile.
    window.addEventListener('focus', refresh);
    return () => window.removeEventListener('focus', refresh);
  }, [look]);
  return { state, make: trouble => look('POST', trouble) };
}

import * as React from 'react';
import type { Cast, Take, TakeView } from './take';

/** A take made once, played to what is looked at first, and taken down with the component. */
export function useTake<C extends Cast>(make: () => Take<C>): { take: Take<C>; view: TakeView<C> } {
  const [take] = React.useState(make);
  const view = React.useSyncExternalStore(take.subscribe, take.get);
  // After the effects of what is below: its clients have connected.
  React.useEffect(() => take.hasMounted(view.number), [take, view.number]);
  React.useEffect(() => {
    void take.goTo(take.script.showMs ?? take.script.endMs);
    return () => take.dispose();
  }, [take]);
  return { take, view };
}

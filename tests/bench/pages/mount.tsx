import type { ReactElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';

export interface Mounted {
  /** How long rendering and its effects took. */
  readonly ms: number;
  /** Settles when messages can flow. */
  readonly opened: Promise<void>;
  /** Answers how long it took. */
  unmount(): number;
}

/** Renders into an element of its own. */
export function mount(element: (onOpen: () => void) => ReactElement): Mounted {
  const place = document.body.appendChild(document.createElement('div'));
  const root = createRoot(place);
  let onOpen = () => {};
  const opened = new Promise<void>(resolve => (onOpen = resolve));
  const ms = msOf(() => flushSync(() => root.render(element(onOpen))));
  return {
    ms,
    opened,
    unmount() {
      const took = msOf(() => root.unmount());
      place.remove();
      return took;
    },
  };
}

function msOf(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

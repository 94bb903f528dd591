import * as React from 'react';
import { useLayoutEffectInBrowser } from './useLayoutEffectInBrowser';

/** The value of the last committed render, for callbacks that outlive it. */
export function useLatest<T>(value: T): { readonly current: T } {
  const ref = React.useRef(value);
  useLayoutEffectInBrowser(() => {
    ref.current = value;
  });
  return ref;
}

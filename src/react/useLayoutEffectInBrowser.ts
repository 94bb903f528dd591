import * as React from 'react';

/** `useLayoutEffect`, without its warning on a server, where no effect runs at all. */
export const useLayoutEffectInBrowser =
  typeof document === 'undefined' ? React.useEffect : React.useLayoutEffect;

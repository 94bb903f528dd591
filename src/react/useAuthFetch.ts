import * as React from 'react';
import { authFetchOver, type AuthFetch, type AuthFetchOptions } from '../runtime/authFetch';
import type { AuthSocket } from '../runtime/authSocket';
import { useLatest } from './useLatest';

/** The same function as long as client and origins are the same; `options` may be written inline. */
export function useAuthFetchOf(
  // eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
  socket: AuthSocket<any, any>,
  options: AuthFetchOptions = {},
): AuthFetch {
  const latest = useLatest(options.fetch);
  const origins = JSON.stringify(options.origins ?? []);
  return React.useMemo(
    () => authFetchOver(socket, JSON.parse(origins) as string[], () => latest.current),
    [socket, origins, latest],
  );
}

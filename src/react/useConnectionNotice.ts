import * as React from 'react';
import { useSyncExternalStore } from 'use-sync-external-store/shim';
import type { AuthSocket } from '../runtime/authSocket';
import type { ConnectionNotice, ConnectionNoticeOptions } from './connectionNotice';
import { createNoticeStore } from './noticeStore';
import { useLatest } from './useLatest';

/** What a banner has to say about a client's connection; renders when that changes. */
export function useConnectionNoticeOf(
  // eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
  socket: AuthSocket<any, any>,
  { minShownMs = 1_000 }: ConnectionNoticeOptions = {},
): ConnectionNotice | null {
  const latest = useLatest(minShownMs);
  const store = React.useMemo(() => createNoticeStore(socket, () => latest.current), [socket, latest]);
  return useSyncExternalStore(store.subscribe, store.get, nothing);
}

/** What a server renders, and what hydration has to start from. */
function nothing(): null {
  return null;
}

import * as React from 'react';
import { useSyncExternalStore } from 'use-sync-external-store/shim';
import type { AuthSocket } from '../runtime/authSocket';
import { createBatchStore, type Flush } from './batchStore';
import { useLatest } from './useLatest';
import { useLayoutEffectInBrowser } from './useLayoutEffectInBrowser';

/** Options of `useSocketState()`. */
export interface SocketStateOptions {
  topic?: string;
  /** 'frame': at most one render a frame; hidden pages every second or 1,000 messages. @default 'frame' */
  flush?: Flush;
}

/** State reduced from a client's messages, in batches; renders once a batch. */
export function useStateOf<In, S>(
  socket: AuthSocket<In, never>,
  reduce: (state: S, batch: readonly In[]) => S,
  initial: S | (() => S),
  { topic, flush = 'frame' }: SocketStateOptions = {},
): S {
  const latest = useLatest({ reduce, initial });
  const store = React.useMemo(() => {
    const first = (): S => {
      const { initial: value } = latest.current;
      return typeof value === 'function' ? (value as () => S)() : value;
    };
    return createBatchStore<In, S>(socket, () => latest.current.reduce, first);
  }, [socket, latest]);
  useLayoutEffectInBrowser(() => store.collect(topic, flush), [store, topic, flush]);
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}

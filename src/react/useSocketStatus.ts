import { useSyncExternalStoreWithSelector } from 'use-sync-external-store/shim/with-selector';
import type { SocketStatus } from '../machine/snapshot';
import type { AuthSocket } from '../runtime/authSocket';
import { internalsOf } from '../runtime/internals';
import { shallowEqual } from './shallowEqual';

/** A selection of a client's status; renders when it changes. */
export function useStatusOf<S>(
  // eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
  socket: AuthSocket<any, any>,
  select: (status: SocketStatus) => S,
  isEqual: (a: S, b: S) => boolean = shallowEqual,
): S {
  const { firstStatus } = internalsOf(socket);
  return useSyncExternalStoreWithSelector(
    socket.subscribe,
    socket.getStatus,
    () => firstStatus,
    select,
    isEqual,
  );
}

export function whole(status: SocketStatus): SocketStatus {
  return status;
}

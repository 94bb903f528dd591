import * as React from 'react';
import type { SocketStatus } from '../machine/snapshot';
import type { AuthSocket } from '../runtime/authSocket';
import { useStatusOf } from './useSocketStatus';

/** The session's token, to ask for; the token itself is never in React state. */
export interface AuthToken {
  session: SocketStatus['session'];
  /** Epoch ms on this machine's clock; null: unknown or no token. */
  expiresAt: number | null;
  getToken: AuthSocket['getToken'];
  /** Asks the token source for a new token, whatever is in hand. */
  refresh(): Promise<string>;
}

// eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
export function useTokenOf(socket: AuthSocket<any, any>): AuthToken {
  const { session, expiresAt } = useStatusOf(socket, selectToken);
  return React.useMemo(
    () => ({
      session,
      expiresAt,
      getToken: options => socket.getToken(options),
      refresh: () => socket.getToken({ forceRefresh: true }),
    }),
    [socket, session, expiresAt],
  );
}

function selectToken({ session, tokenExpiresAt }: SocketStatus) {
  return { session, expiresAt: tokenExpiresAt };
}

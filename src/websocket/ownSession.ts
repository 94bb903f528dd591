import { signedIn, type SignedOut } from '../machine/tokenAnswer';
import { createAuthSocket, type AuthSocket } from '../runtime/authSocket';
import type { TokenSource } from '../runtime/tokenSource';
import type { AuthWebSocketOptions } from './options';

/** A session without a link, for sockets that share none. */
export interface OwnSession {
  session: AuthSocket;
  /** The ticket source, where it is the only one to ask, says that the session is over. */
  deny: ((answer: SignedOut) => void) | null;
}

export function ownSession(options: AuthWebSocketOptions): OwnSession {
  const { carrier: _carrier, close: _close, getToken, ...rest } = options;
  if (getToken !== undefined) return { session: createAuthSocket({ ...rest, getToken }), deny: null };

  let denial: SignedOut | null = null;
  let changed = (): void => {};
  const source: TokenSource = {
    getToken() {
      const answer = denial ?? signedIn();
      denial = null;
      return answer;
    },
    subscribe(onChange) {
      changed = onChange;
      return () => {
        changed = () => {};
      };
    },
  };
  return {
    session: createAuthSocket({ ...rest, getToken: source }),
    deny(answer) {
      denial = answer;
      changed();
    },
  };
}

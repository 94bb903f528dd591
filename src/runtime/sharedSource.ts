import { isAuthSocketError } from '../machine/errors';
import type { EndedBy } from '../machine/event';
import { signedIn, type TokenAnswer } from '../machine/tokenAnswer';
import type { AuthSocket } from './authSocket';
import { internalsOf, isAuthSocket } from './internals';
import type { GetToken, TokenSource } from './tokenSource';

/** A token source as the client uses it, whatever the application gave. */
export interface PlainSource {
  getToken: GetToken;
  subscribe?(onChange: () => void): () => void;
  /**
   * Follows the session of another client: its end, and its change of user. What happened since it was last followed is
   * told at once. The answer ends it.
   */
  follow?(onEnd: (end: { reason: string; by: EndedBy }) => void, onReplaced: () => void): () => void;
  /** The client whose session this is. */
  first?: AuthSocket;
}

/** The source of the moment behind an option: a function, an object, or another client whose session is shared. */
export function sourceReader(option: () => TokenSource | undefined): () => PlainSource | undefined {
  let given: TokenSource | undefined;
  let plain: PlainSource | undefined;
  return () => {
    const next = option();
    if (next !== given) {
      given = next;
      if (typeof next === 'function') plain = { getToken: next };
      else plain = isAuthSocket(next) ? sharedSource(next as AuthSocket) : (next as PlainSource | undefined);
    }
    return plain;
  };
}

/** The session of another client: its token, its expiry, its refreshes and its end. */
function sharedSource(first: AuthSocket): PlainSource {
  const internals = internalsOf(first);
  const { clock } = internals;
  let seen = { user: internals.user(), isOver: false };
  return {
    first,
    async getToken({ minValidityMs, forceRefresh, previous, signal }): Promise<TokenAnswer> {
      // A lifetime counts from the moment of asking.
      const askedAt = clock.wallMs();
      try {
        const held = internals.grant(askedAt);
        // The token that was refused here has been replaced there already.
        const isNews = held !== null && held.token !== previous?.token;
        const token = await first.getToken({ minValidityMs, signal, forceRefresh: forceRefresh && !isNews });
        const grant = internals.grant(askedAt);
        return grant?.token === token ? grant : token;
      } catch (error) {
        if (isAuthSocketError(error) && error.code === 'no-token') return signedIn();
        throw error;
      }
    },
    subscribe(onChange) {
      const held = () => internals.grant(clock.wallMs())?.token;
      let token = held();
      return first.subscribe(() => {
        const next = held();
        const hasChanged = next !== token && next !== undefined;
        token = next;
        if (hasChanged) onChange();
      });
    },
    follow(onEnd, onReplaced) {
      const look = () => {
        const end = internals.ended();
        const now = { user: internals.user(), isOver: end !== null };
        const isNews = now.user !== seen.user || now.isOver !== seen.isOver;
        seen = now;
        if (!isNews) return;
        if (end) onEnd(end);
        else onReplaced();
      };
      look();
      const unsubscribe = first.subscribe(look);
      const unfollow = internals.onForget(look);
      return () => {
        unsubscribe();
        unfollow();
      };
    },
  };
}

import { hasEnded } from '../machine/session';
import type { AuthSocket } from './authSocket';
import { checkOptions } from './checkedOptions';
import type { Engine } from './engine';
import { createFarewells } from './farewells';
import type { Clock } from './ports';
import type { PlainSource } from './sharedSource';

export interface SessionCommandPorts {
  engine: Engine;
  clock: Clock;
  source(): PlainSource | undefined;
  /** The token in hand, expired or not; null: none. */
  lastToken(): string | null;
}

/** What the application says of the session. Where another client owns it, that one is told as well. */
export interface SessionCommands extends Pick<AuthSocket, 'signOut' | 'retrySession' | 'setSessionKey'> {
  /** Follows the session of the client that is the token source; the answer ends it. null: the session is our own. */
  follow(): (() => void) | null;
  /** Learns what became of that session since somebody last looked. */
  catchUp(): void;
  /** The client is going: nobody waits for a logout call any more. */
  endAll(): void;
}

export function createSessionCommands(ports: SessionCommandPorts): SessionCommands {
  const { engine, source } = ports;
  const { dispatch } = engine;
  const farewells = createFarewells(ports.clock);

  function follow(): (() => void) | null {
    const stop = source()?.follow?.(
      end => dispatch({ type: 'session.left', ...end }),
      () => dispatch({ type: 'session.replaced' }),
    );
    return stop ?? null;
  }

  return {
    follow,
    catchUp: () => follow()?.(),
    endAll: farewells.endAll,
    async signOut({ reason = 'signed-out', before } = {}) {
      const { first } = source() ?? {};
      if (first) await first.signOut(before ? { reason, before } : { reason });
      const { user } = engine.state.session;
      if (hasEnded(engine.state.session)) return;
      if (before && !first) {
        dispatch({ type: 'session.leaving' });
        await farewells.say(() => before(ports.lastToken()));
      }
      if (engine.state.session.user === user) dispatch({ type: 'session.left', reason, by: 'this-tab' });
    },
    retrySession() {
      source()?.first?.retrySession();
      dispatch({ type: 'session.retried' });
    },
    setSessionKey(key) {
      checkOptions({ sessionKey: key });
      dispatch({ type: 'session.keyChanged', key });
    },
  };
}

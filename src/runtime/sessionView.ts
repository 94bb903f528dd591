import { usable } from '../machine/session';
import type { Engine } from './engine';
import type { Internals } from './internals';
import type { TokenVault } from './tokenVault';

/** What another client of ours has to know of this session to share it. */
export function sessionView({
  engine,
  vault,
}: {
  engine: Engine;
  vault: TokenVault;
}): Pick<Internals, 'grant' | 'user' | 'ended'> {
  return {
    user: () => engine.state.session.user,
    grant(fromMs) {
      const { session } = engine.state;
      const credential = usable(session);
      const held = credential?.isBearer ? vault.grant(credential.id) : null;
      if (!credential || !held) return null;
      const { expiresAt } = credential;
      return {
        token: held.token,
        ...(session.subject !== null && { subject: session.subject }),
        ...(expiresAt !== null && { expiresInMs: expiresAt - fromMs }),
      };
    },
    ended() {
      const { standing } = engine.state.session;
      return standing.name === 'signed-out' ? { reason: standing.reason, by: standing.by } : null;
    },
  };
}

import { dialOf } from '../../src/machine/link';
import type { State } from '../../src/machine/state';

/** What the session stands at, e.g. `held/calling`. */
export function sessionKey({ session: { standing, call } }: State): string {
  return call.name === 'resting' ? standing.name : `${standing.name}/${call.name}`;
}

/** What the link stands at, e.g. `open+connecting`. */
export function linkKey({ link }: State): string {
  const { at } = link;
  const dial = dialOf(link)?.name;
  switch (at.name) {
    case 'idle':
    case 'suspended':
      return at.name;
    case 'stopped':
      return `stopped: ${at.reason}`;
    case 'down':
      return String(dial);
    case 'open':
      return dial ? `open+${dial}` : 'open';
  }
}

/** The state as the table of the walk counts it. */
export function stateKey(state: State): string {
  return `${sessionKey(state)} × ${linkKey(state)}`;
}

import type { ChaosProxy } from '../../tests/server/chaosProxy';
import type { ReferenceServer } from '../../tests/server/referenceServer';
import { demoTimes } from './demoTimes';

/** What is broken at the moment, as the buttons of the page show it. */
export interface TroubleState {
  network: 'up' | 'cut' | 'silent' | 'asleep';
  tokenEndpoint: 'up' | 'hanging';
}

const names = [
  'cut-network',
  'silence-network',
  'restore-network',
  'sleep',
  'restart-server',
  'kill-server',
  'expire-token',
  'hang-token-endpoint',
  'heal-token-endpoint',
  'forbid-link',
  'end-session',
] as const;

/** What the page can ask for with `POST /demo/<name>`. */
export type Trouble = (typeof names)[number];

export interface Troubles {
  readonly state: TroubleState;
  make(trouble: Trouble): Promise<void>;
  close(): void;
}

export function isTrouble(name: string): name is Trouble {
  return (names as readonly string[]).includes(name);
}

/** How long a server is away before it listens again. */
const RESTART_MS = 3_000;
const KILL_MS = 4_000;

/** Breaks things between the page and its server, and the server itself. `user`: the one who is signed in. */
export function createTroubles(server: ReferenceServer, network: ChaosProxy, user: string): Troubles {
  let state: TroubleState = { network: 'up', tokenEndpoint: 'up' };
  let timer: NodeJS.Timeout | undefined;

  function setNetwork(next: TroubleState['network']): void {
    clearTimeout(timer);
    state = { ...state, network: next };
    // A network that comes back does not bring the old connections with it, nor what was held back on them.
    if (next === 'cut' || next === 'up') network.rst();
    network.heal();
    if (next === 'cut') network.set({ resetOnAccept: true });
    if (next === 'silent' || next === 'asleep') network.set({ mode: 'blackhole' });
  }

  function setTokenEndpoint(next: TroubleState['tokenEndpoint']): void {
    state = { ...state, tokenEndpoint: next };
    if (next === 'hanging') server.faults.set('/auth/refresh', { kind: 'hang' });
    else server.faults.clear('/auth/refresh');
  }

  /** The server's clock moves on with the sleeper's, and the network is back only a moment after the wake. */
  function sleep(): void {
    setNetwork('asleep');
    timer = setTimeout(() => {
      void server.control({ command: 'jumpClock', ms: demoTimes.passesMs });
      timer = setTimeout(() => setNetwork('up'), demoTimes.networkBackMs);
    }, demoTimes.standsStillMs);
  }

  return {
    get state() {
      return state;
    },
    async make(trouble) {
      switch (trouble) {
        case 'cut-network':
          return setNetwork('cut');
        case 'silence-network':
          return setNetwork('silent');
        case 'restore-network':
          return setNetwork('up');
        case 'sleep':
          return sleep();
        case 'restart-server':
          await server.control({
            command: 'restart',
            forMs: RESTART_MS,
            retryAfterS: RESTART_MS / 1_000,
          });
          return;
        case 'kill-server':
          await server.control({ command: 'kill', forMs: KILL_MS });
          return;
        case 'expire-token':
          await server.control({ command: 'expireNow' });
          return;
        case 'hang-token-endpoint':
          return setTokenEndpoint('hanging');
        case 'heal-token-endpoint':
          return setTokenEndpoint('up');
        case 'forbid-link':
          await server.control({ command: 'close', code: 1008, reason: '{"code":"forbidden"}' });
          return;
        case 'end-session':
          await server.control({ command: 'revokeSession', user });
      }
    },
    close: () => clearTimeout(timer),
  };
}

import type { Clock } from './ports';

/** The user's own logout call may take this long before the sign-out goes on without it. */
const FAREWELL_MS = 5_000;

/** Logout calls under way; neither their failure nor their silence holds a sign-out. */
export interface Farewells {
  say(call: () => Promise<unknown>): Promise<void>;
  /** The client is going: nobody waits any more. */
  endAll(): void;
}

export function createFarewells(clock: Clock): Farewells {
  const underWay = new Set<() => void>();
  return {
    say: call =>
      new Promise(resolve => {
        const end = () => {
          cancel();
          underWay.delete(end);
          resolve();
        };
        const cancel = clock.setTimer(end, FAREWELL_MS);
        underWay.add(end);
        new Promise(done => done(call())).then(end, end);
      }),
    endAll() {
      for (const end of underWay) end();
    },
  };
}

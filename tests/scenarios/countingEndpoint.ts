import type { GetToken } from '../../src/core';
import type { TestWorld } from '../../src/testing';
import { unsignedJwt } from '../../src/testing/unsignedJwt';

/** What an endpoint stirred up that kept some tabs waiting for longer than they wait for their turn is over by then. */
const AFTERMATH_MS = 20_000;

interface Call {
  readonly tab: TestWorld;
  readonly signal: AbortSignal;
  isOver: boolean;
}

/** A token endpoint for all tabs that answers slowly, fails or hangs, and counts who asks at once. */
export class CountingEndpoint {
  /** So many calls at once, counted while the endpoint is well: only then does everybody's turn come within 5 s. */
  most = 0;
  minted = 0;
  readonly #network: TestWorld;
  readonly #draw: () => number;
  readonly #calls = new Set<Call>();
  readonly #stopped = new Set<TestWorld>();
  #mode: 'well' | 'failing' | 'hanging' = 'well';
  #illAt = -Infinity;

  /** Time on the way passes in `network`, a tab that never stops. */
  constructor(network: TestWorld, draw: () => number) {
    this.#network = network;
    this.#draw = draw;
  }

  be(mode: 'well' | 'failing' | 'hanging'): void {
    if (this.#mode !== 'well') this.#illAt = this.#network.platform.clock.elapsedMs();
    this.#mode = mode;
  }

  /** A page that stands still or is gone gave its turn back; what it asked is counted no longer. */
  stop(tab: TestWorld): void {
    this.#stopped.add(tab);
    for (const call of this.#calls) if (call.tab === tab) call.isOver = true;
  }

  goOn(tab: TestWorld): void {
    this.#stopped.delete(tab);
  }

  sourceOf(tab: TestWorld): GetToken {
    const { clock } = this.#network.platform;
    return ({ signal }) => {
      const call: Call = { tab, signal, isOver: this.#stopped.has(tab) };
      this.#count(call);
      return new Promise((resolve, reject) => {
        if (this.#mode === 'hanging') return;
        const isWell = this.#mode === 'well';
        clock.setTimer(
          () => {
            call.isOver = true;
            // The page learns of it when it runs, if it still does.
            tab.platform.clock.setTimer(() => {
              if (isWell) resolve(this.#mint());
              else reject(new TypeError('Failed to fetch'));
            }, 0);
          },
          50 + this.#draw() * 1_450,
        );
      });
    };
  }

  #count(call: Call): void {
    for (const other of this.#calls) if (other.isOver || other.signal.aborted) this.#calls.delete(other);
    this.#calls.add(call);
    const isCalm = this.#network.platform.clock.elapsedMs() - this.#illAt > AFTERMATH_MS;
    if (this.#mode === 'well' && isCalm) this.most = Math.max(this.most, this.#calls.size);
  }

  #mint(): string {
    const iat = Math.floor(this.#network.server.now() / 1_000);
    this.minted += 1;
    return unsignedJwt({ sub: 'user-1', iat, exp: iat + 900, jti: `token-${this.minted}` });
  }
}

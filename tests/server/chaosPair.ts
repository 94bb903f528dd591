import type { Socket } from 'node:net';
import { ChaosLane, type LaneRules } from './chaosLane';
import type { ChaosRules } from './chaosRules';
import { IdleWatch } from './idleWatch';
import { resetSocket } from './resetSocket';

interface PairParts {
  client: Socket;
  upstream: Socket;
  random: () => number;
  onBytes: (direction: 'up' | 'down', count: number) => void;
  /** It was cut because nothing got through for `idleCutMs`. */
  onIdle: () => void;
}

/** One proxied connection: its two ends and the lanes between them. */
export class ChaosPair {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #up: ChaosLane;
  readonly #down: ChaosLane;
  readonly #idle: IdleWatch;

  constructor({ client, upstream, random, onBytes, onIdle }: PairParts) {
    this.#client = client;
    this.#upstream = upstream;
    this.#idle = new IdleWatch(() => {
      this.reset();
      onIdle();
    });
    const count = (direction: 'up' | 'down') => (bytes: number) => {
      onBytes(direction, bytes);
      this.#idle.stir();
    };
    this.#up = new ChaosLane(client, upstream, random, count('up'));
    this.#down = new ChaosLane(upstream, client, random, count('down'));
  }

  /** Changes the rules; what waits leaves by the new ones. */
  follow(rules: ChaosRules): void {
    const laneRules = (direction: 'up' | 'down'): LaneRules => ({
      ...rules,
      isFlowing: rules.mode === 'pass' || rules.mode === `${direction}Only`,
    });
    this.#up.follow(laneRules('up'));
    this.#down.follow(laneRules('down'));
    this.#idle.set(rules.idleCutMs);
  }

  /** Ends both sides with a reset. */
  reset(): void {
    this.#stop();
    resetSocket(this.#client);
    resetSocket(this.#upstream);
  }

  /** Ends both sides plainly. */
  finish(): void {
    this.#stop();
    this.#client.end();
    this.#client.resume();
    this.#client.once('end', () => this.#client.destroy());
    this.#upstream.destroy();
  }

  /** Ends the client's side only. */
  half(): void {
    this.#down.stop();
    this.#client.end();
  }

  destroy(): void {
    this.#stop();
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #stop(): void {
    this.#idle.set(0);
    this.#up.stop();
    this.#down.stop();
  }
}

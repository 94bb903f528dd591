import { createTestWorld, type TestWorld } from 'react-auth-socket/testing';
import type { Timings } from '../stage/journey';
import { Kitchen } from '../stage/kitchen';
import { Scene } from '../stage/scene';
import type { Cast } from '../stage/take';
import type { Problem, ReportedClient, Surroundings } from './problem';
import { ReportedPage } from './reportedPage';

/** What a client did. `at`: epoch ms. */
export interface LogLine {
  readonly at: number;
  readonly text: string;
}

/** What the user had half written on both sides. */
export const DRAFT = 'Table 4 waits';

/** One of the two columns: a world and the client in it. */
export type Side<E extends Surroundings> = ReportedSide<E> | OurSide<E>;

export class ReportedSide<E extends Surroundings> implements Cast {
  readonly kind = 'reported';
  readonly world: TestWorld;
  readonly around: E;
  readonly page: ReportedPage;
  readonly #kitchen: Kitchen;
  readonly #client: ReportedClient;

  constructor(problem: Problem<E>) {
    this.world = createTestWorld(problem.world);
    this.around = problem.surroundings(this.world);
    this.#kitchen = new Kitchen(this.world, { everyMs: problem.orderEveryMs ?? 1_000, isLiveOnly: true });
    this.page = new ReportedPage(this.world);
    this.#client = problem.reported(this.world, this.around, this.page);
    this.#client.start();
  }

  get signOuts(): number {
    return this.page.signOuts;
  }

  get isLive(): boolean {
    return this.page.get().isLive;
  }

  /** Orders up to now that the user has not got. */
  get missed(): number {
    return this.#kitchen.newest - this.page.get().orders.received;
  }

  poll(): void {
    this.around.poll();
    this.#kitchen.poll();
  }

  dispose(): void {
    this.#client.stop();
    this.world.dispose();
  }
}

export class OurSide<E extends Surroundings> implements Cast {
  readonly kind = 'ours';
  readonly scene: Scene;
  readonly around: E;

  constructor(problem: Problem<E>, timings: Timings) {
    let around: E | undefined;
    const { title, text, steps, endMs, orderEveryMs = 1_000 } = problem;
    const told = { title, text, steps: steps as never, endMs, orderEveryMs };
    this.scene = new Scene(
      {
        ...told,
        ...(problem.world ? { world: problem.world } : {}),
        options(world) {
          around = problem.surroundings(world);
          return problem.ours(world, around);
        },
      },
      timings,
      DRAFT,
    );
    this.around = around as E;
  }

  get world(): TestWorld {
    return this.scene.world;
  }

  get signOuts(): number {
    return this.scene.tab.diary.ends.length;
  }

  get isLive(): boolean {
    return this.scene.tab.socket.getStatus().link === 'open';
  }

  /** Orders up to now that the user has not got. */
  get missed(): number {
    return this.scene.kitchen.newest - this.scene.tab.diary.orders.received;
  }

  /** What the client did, out of its trace. */
  get log(): readonly LogLine[] {
    return this.scene.tab.diary.trace.flatMap(event => {
      const { at } = event;
      switch (event.type) {
        case 'token.asked':
          return [{ at, text: event.force ? 'asks for another token' : 'asks for a token' }];
        case 'session.changed':
          return event.to === 'stale' || event.to === 'signed-out'
            ? [{ at, text: `session: ${event.to}` }]
            : [];
        case 'link.changed':
          if (event.to === 'open') return [{ at, text: 'connected' }];
          return event.from === 'open' ? [{ at, text: 'connection lost' }] : [];
        case 'token.acked':
          return [{ at, text: 'new token taken over the open socket' }];
        default:
          return [];
      }
    });
  }

  poll(): void {
    this.around.poll();
    this.scene.poll();
  }

  dispose(): void {
    this.scene.dispose();
  }
}

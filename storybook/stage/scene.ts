import {
  createAuthSocket,
  type AuthSocket,
  type AuthSocketError,
  type ConnectionNotice,
  type GetToken,
  type SocketStatus,
  type TokenRequest,
  type TokenSource,
  type TraceEvent,
} from 'react-auth-socket';
import { createTestWorld, type TestWorld } from 'react-auth-socket/testing';
import type { Playable } from './director';
import type { Journey, Timings } from './journey';
import { Kitchen } from './kitchen';
import { Notes } from './notes';
import { noOrders, type Orders } from './orders';

/** What a client told, and what its user was shown. */
export class Diary {
  readonly statuses: SocketStatus[] = [];
  /** Every banner that was on the screen. */
  readonly notices: ConnectionNotice['kind'][] = [];
  readonly trace: TraceEvent[] = [];
  readonly ends: { reason: string; by: string }[] = [];
  readonly errors: AuthSocketError[] = [];
  readonly drops: string[] = [];
  /** How often the application's tree was mounted. */
  mounts = 0;
  /** What is on the screen. */
  orders: Orders = noOrders;

  treeMounted = (): void => {
    this.mounts += 1;
  };

  ordersShown = (orders: Orders): void => {
    this.orders = orders;
  };
}

/** One tab and the client in it. */
export class Tab {
  readonly world: TestWorld;
  readonly socket: AuthSocket;
  readonly notes: Notes;
  readonly diary = new Diary();
  /** What the user had written when the curtain rose. */
  readonly draft: string;

  constructor(world: TestWorld, scene: Scene, journey: Journey, timings: Timings, draft: string) {
    this.world = world;
    this.draft = draft;
    const { diary } = this;
    this.socket = createAuthSocket({
      url: '/ws',
      platform: world.platform,
      getToken: delayed(world, journey.tokenLatencyMs ?? 200),
      refreshLeadMs: timings.refreshLeadMs,
      lostAfterMs: timings.lostAfterMs,
      heartbeat: { intervalMs: timings.heartbeatMs },
      reconnect: { maxMs: timings.backoffMaxMs },
      onError: error => diary.errors.push(error),
      onTrace: event => diary.trace.push(event),
      onSessionExpired: end => diary.ends.push(end),
      onDropped: ({ message, why }) => {
        diary.drops.push(why);
        this.notes.drop(message);
      },
      ...journey.options?.(world, scene),
    });
    this.notes = new Notes(this.socket);
    diary.statuses.push(this.socket.getStatus());
    this.socket.subscribe(() => diary.statuses.push(this.socket.getStatus()));
  }
}

/** A journey's world with everything in it: tabs, server, token endpoint. */
export class Scene implements Playable {
  /** Of the first tab; server, clock and token endpoint are everybody's. */
  readonly world: TestWorld;
  readonly kitchen: Kitchen;
  readonly tabs: readonly Tab[];

  constructor(journey: Journey, timings: Timings, draft = '') {
    this.world = createTestWorld({ tokenLifetimeMs: timings.tokenLifetimeMs, ...journey.world });
    this.kitchen = new Kitchen(this.world, { everyMs: journey.orderEveryMs ?? 1_000 });
    const worlds = Array.from({ length: journey.tabs ?? 1 }, (_, n) =>
      n === 0 ? this.world : this.world.openTab(),
    );
    this.tabs = worlds.map(world => new Tab(world, this, journey, timings, draft));
    journey.before?.(this);
  }

  /** The first tab; most journeys have no other. */
  get tab(): Tab {
    return this.tabs[0] as Tab;
  }

  /** Token calls of all tabs. */
  get refreshes(): number {
    return this.tabs.reduce((sum, { world }) => sum + world.tokens.calls.length, 0);
  }

  poll(): void {
    this.kitchen.poll();
  }

  dispose(): void {
    for (const { socket, world } of this.tabs) {
      socket.destroy();
      world.dispose();
    }
  }
}

/** The world's tokens, from an endpoint that takes its time. */
function delayed(world: TestWorld, latencyMs: number): TokenSource {
  const source = world.tokens.source as {
    getToken: GetToken;
    subscribe(onChange: () => void): () => void;
  };
  return {
    ...source,
    getToken: async (request: TokenRequest) => {
      await new Promise<void>(resolve => world.platform.clock.setTimer(resolve, latencyMs));
      return source.getToken(request);
    },
  };
}

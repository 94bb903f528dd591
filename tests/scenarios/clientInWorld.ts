import { expect } from 'vitest';
import {
  createAuthSocket,
  type AuthSocket,
  type AuthSocketError,
  type AuthSocketOptions,
  type TraceEvent,
} from '../../src/core';
import { createTestWorld, type TestWorld, type TestWorldOptions } from '../../src/testing';

// Messages of these tests are whatever the test says.
// eslint-disable-next-line typescript/no-explicit-any
type Any = any;

/** A client in a world of its own, with everything it told. */
export interface ClientInWorld {
  world: TestWorld;
  socket: AuthSocket<Any, Any>;
  errors: AuthSocketError[];
  trace: TraceEvent[];
  ends: { reason: string; by: string }[];
  drops: { message: unknown; why: string }[];
  messages: unknown[];
  /** Lets time pass until the client is open. */
  open(withinMs?: number): Promise<void>;
  /** Destroys the client and proves that nothing of it is left. */
  end(): Promise<void>;
}

export function clientInWorld(
  options: Partial<AuthSocketOptions<Any, Any>> = {},
  worldOptions: TestWorldOptions | TestWorld = {},
): ClientInWorld {
  const world = 'clock' in worldOptions ? worldOptions : createTestWorld(worldOptions);
  const told: Pick<ClientInWorld, 'errors' | 'trace' | 'ends' | 'drops' | 'messages'> = {
    errors: [],
    trace: [],
    ends: [],
    drops: [],
    messages: [],
  };
  const socket = createAuthSocket<Any, Any>({
    url: '/ws',
    getToken: world.tokens.source,
    platform: world.platform,
    onError: error => told.errors.push(error),
    onTrace: event => told.trace.push(event),
    onSessionExpired: end => told.ends.push(end),
    onDropped: drop => told.drops.push(drop),
    ...options,
  });
  socket.onMessage(message => told.messages.push(message));
  return {
    ...told,
    world,
    socket,
    async open(withinMs = 1_000) {
      socket.connect();
      await world.clock.advance(withinMs);
      expect(socket.getStatus().link).toBe('open');
    },
    async end() {
      socket.destroy();
      // Longer than any abandoned dial and than the close of a server that does not answer.
      await world.clock.advance(61_000);
      expect(world.clock.pendingTimers).toBe(0);
      expect(world.openSockets).toBe(0);
    },
  };
}

import type { AuthSocketError } from '../../src/core';
import { subprotocol } from '../../src/protocols';
import { createTestWorld, type TestWorld } from '../../src/testing';
import {
  type AuthWebSocket,
  authWebSocket,
  type AuthWebSocketConstructor,
  type AuthWebSocketOptions,
} from '../../src/websocket';

export const URL_OF_ROOM = 'wss://app.test/room';

/** A constructor in a world of its own, with a log of what its sockets said. */
export interface Bound {
  readonly world: TestWorld;
  readonly Socket: AuthWebSocketConstructor;
  readonly errors: AuthSocketError[];
  readonly ends: { reason: string; by: string }[];
  readonly log: string[];
  /** Constructs one as a library does, and writes down its events. */
  dial(url?: string, protocols?: string | string[]): AuthWebSocket;
  advance(ms?: number): Promise<void>;
}

export function bind(options: Partial<AuthWebSocketOptions> = {}, world = createTestWorld()): Bound {
  const errors: AuthSocketError[] = [];
  const ends: { reason: string; by: string }[] = [];
  const log: string[] = [];
  world.server.auto = false;
  const Socket = authWebSocket({
    platform: world.platform,
    getToken: world.tokens.source,
    carrier: subprotocol({ accept: 'v1' }),
    onError: error => errors.push(error),
    onSessionExpired: end => ends.push(end),
    ...options,
  });
  let count = 0;
  return {
    world,
    Socket,
    errors,
    ends,
    log,
    dial(url = URL_OF_ROOM, protocols) {
      const socket = new Socket(url, protocols);
      const name = String((count += 1));
      socket.onopen = () => log.push(`${name} open`);
      socket.onmessage = ({ data }) => log.push(`${name} message ${String(data)}`);
      socket.onerror = () => log.push(`${name} error`);
      socket.onclose = ({ code, reason, wasClean }) =>
        log.push(`${name} close ${code}${reason && ` ${reason}`} ${wasClean ? 'clean' : 'unclean'}`);
      return socket;
    },
    advance: (ms = 100) => world.clock.advance(ms),
  };
}

/** What the dials presented. */
export const presented = ({ server }: TestWorld) => server.dials.map(({ protocols }) => protocols.at(-1));

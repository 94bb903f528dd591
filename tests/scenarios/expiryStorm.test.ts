import { describe, expect, it } from 'vitest';
import type { GetToken } from '../../src/core';
import { createTestWorld } from '../../src/testing';
import { clientInWorld } from './clientInWorld';

const minute = 60_000;

describe('an expired frame and the close behind it', () => {
  it.each([100, 2_500, 6_000])(
    'S2-C with a refresh that takes %i ms: one refresh, one new socket, nothing presented twice, nothing printed',
    async latency => {
      const world = createTestWorld();
      const source = world.tokens.source as { getToken: GetToken };
      let isSlow = false;
      const calls: boolean[] = [];
      const getToken: GetToken = request => {
        calls.push(request.forceRefresh);
        if (!isSlow) return source.getToken(request);
        return new Promise((resolve, reject) => {
          world.platform.clock.setTimer(() => {
            Promise.resolve(source.getToken(request)).then(resolve, reject);
          }, latency);
        });
      };
      const client = clientInWorld({ getToken }, world);
      await client.open(minute);
      const refused = await client.socket.getToken();
      isSlow = true;
      const { last } = world.server;
      last.send({ type: 'session_expired' });
      // The close arrives a round trip behind its frame.
      await world.clock.advance(60);
      last.close(1008, 'auth failed');
      await world.clock.advance(latency + 2_000);
      expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 2 });
      expect(calls).toEqual([false, true]);
      await world.clock.advance(10 * minute);
      expect(world.server.dials).toHaveLength(2);
      expect(world.server.connections).toHaveLength(2);
      const presented = world.server.last.received.map(frame => (frame as { token?: string }).token);
      expect(presented).not.toContain(refused);
      expect(world.browserConsole).toEqual([]);
      expect(client.ends).toEqual([]);
      await client.end();
    },
  );
});

import { describe, expect, it } from 'vitest';
import { unavailable } from '../../src/core';
import { clientInWorld } from './clientInWorld';

describe('what stops or storms other clients', () => {
  it.each([
    ['rejects', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['rejects with undefined', () => Promise.reject(undefined as unknown as Error)],
    [
      'throws at once',
      () => {
        throw new Error('sync');
      },
    ],
    ['answers null', () => null as never],
    ['answers undefined', () => undefined as never],
    ['answers an empty string', () => ''],
    ['answers a number', () => 42 as never],
    ['says unavailable', () => unavailable()],
  ])('P1a T01 a token source that %s once costs a retry and nothing else', async (_what, answer) => {
    const client = clientInWorld();
    const source = client.world.tokens.source as { getToken: (request: never) => Promise<string> };
    let calls = 0;
    const failing = clientInWorld({
      getToken: request => (++calls === 1 ? (answer() as string) : source.getToken(request as never)),
    });
    failing.socket.connect();
    await failing.world.clock.advance(1_500);
    expect(failing.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    expect(failing.ends).toEqual([]);
    await failing.end();
    await client.end();
  });

  it('P1a a token source that hangs is left at its deadline and asked again', async () => {
    const client = clientInWorld();
    client.world.tokens.hang();
    client.socket.connect();
    await client.world.clock.advance(10_600);
    expect(client.world.tokens.calls.length).toBeGreaterThanOrEqual(2);
    expect(client.world.tokens.calls[0]!.signal.aborted).toBe(true);
    client.world.tokens.issue();
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus().link).toBe('open');
    await client.end();
  });

  it('P1b a server that accepts and closes 1008 "authentication expired" at once sees at most 5 connections in 10 s', async () => {
    for (const afterReady of [true, false]) {
      const client = clientInWorld();
      client.world.server.auto = false;
      client.socket.connect();
      const end = client.world.clock.now() + 10_000;
      let judged = 0;
      while (client.world.clock.now() < end) {
        await client.world.clock.advance(20);
        const { connections } = client.world.server;
        for (; judged < connections.length; judged++) {
          if (afterReady) connections[judged]!.send({ type: 'auth_ok', expires_in: 900 });
          connections[judged]!.close(1008, 'authentication expired');
        }
      }
      expect(client.world.server.dials.length).toBeLessThanOrEqual(5);
      expect(client.ends).toEqual([]);
      await client.end();
    }
  });

  it('P1c a half-open link: the second connection comes at most 38 s after the last frame', async () => {
    const client = clientInWorld();
    await client.open(6_000);
    client.world.server.last.halfOpen();
    await client.world.clock.advance(38_000);
    expect(client.world.server.connections.length).toBe(2);
    await client.end();
  });

  it('P1d a hung handshake is given up and dialled again within 11 s', async () => {
    const client = clientInWorld();
    client.world.server.hang();
    client.socket.connect();
    await client.world.clock.advance(11_000);
    expect(client.world.server.dials.length).toBeGreaterThanOrEqual(2);
    await client.end();
  });

  it('P1e fifteen connections cost one token call', async () => {
    const client = clientInWorld({}, { tokenLifetimeMs: 24 * 3_600_000 });
    await client.open(1_000);
    while (client.socket.getStatus().connection < 15) {
      if (client.socket.getStatus().link === 'open') client.world.server.last.drop();
      await client.world.clock.advance(1_000);
    }
    expect(client.world.tokens.calls).toHaveLength(1);
    await client.end();
  });
});

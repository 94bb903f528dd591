import { describe, expect, it } from 'vitest';
import { createAuthSocket, isAuthSocketError } from '../../src/core';
import { firstMessage } from '../../src/protocols';
import { createTestWorld } from '../../src/testing';
import { authWebSocket } from '../../src/websocket';
import { bind, presented } from './boundWorld';

describe('the end of the session', () => {
  it('T11 closes every open socket with 1000; later constructions fail with 1006 and never dial', async () => {
    const { world, dial, advance, log, ends } = bind({}, createTestWorld({ tokenLifetimeMs: 60_000 }));
    dial();
    dial();
    await advance();
    world.tokens.revoke();
    await advance(60_000);
    expect(log.slice(2)).toEqual(['1 close 1000 clean', '2 close 1000 clean']);
    expect(ends).toHaveLength(1);
    const dials = world.server.dials.length;
    dial();
    await advance();
    expect(log.slice(4)).toEqual(['3 error', '3 close 1006 unclean']);
    expect(world.server.dials).toHaveLength(dials);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('T07 signed out as the first answer: 1006, no dial, no callback', async () => {
    const { world, dial, advance, log, ends } = bind();
    world.tokens.revoke();
    dial();
    await advance();
    expect(log).toEqual(['1 error', '1 close 1006 unclean']);
    expect([world.server.dials.length, ends.length]).toEqual([0, 0]);
  });

  it('during the handshake it ends in 1006 and leaves no socket behind', async () => {
    const { world, dial, advance, log, Socket } = bind();
    world.server.hang();
    dial();
    await advance();
    await Promise.all([Socket.session.signOut(), advance()]);
    expect(log).toEqual(['1 error', '1 close 1006 unclean']);
    expect(world.openSockets).toBe(0);
  });

  it('destroy() of the session closes its sockets', async () => {
    const { dial, advance, log, Socket } = bind();
    dial();
    await advance();
    Socket.session.destroy();
    await advance();
    expect(log).toEqual(['1 open', '1 close 1000 clean']);
    dial();
    await advance();
    expect(log.slice(2)).toEqual(['2 error', '2 close 1006 unclean']);
  });
});

describe('the session of a client', () => {
  function share(options: Parameters<typeof createAuthSocket>[0] = {}) {
    const world = createTestWorld();
    world.server.auto = false;
    const session = createAuthSocket({ platform: world.platform, getToken: world.tokens.source, ...options });
    return { session, ...bind({ getToken: session }, world) };
  }

  it('is shared: one token call for both, and the constructor names it', async () => {
    const { world, session, Socket, dial, advance } = share();
    expect(Socket.session).toBe(session);
    session.connect();
    dial();
    dial();
    await advance();
    expect(world.tokens.calls).toHaveLength(1);
    expect(world.server.dials).toHaveLength(2);
  });

  it('works before connect(), and neither connects nor disconnects nor destroys it', async () => {
    const { session, dial, advance, log } = share();
    const socket = dial();
    await advance();
    expect([log, session.getStatus().link]).toEqual([['1 open'], 'idle']);
    session.connect();
    socket.close();
    await advance();
    expect(session.getStatus().stopReason).toBeNull();
    session.destroy();
  });

  it('signOut() of the client closes the sockets with 1000, and retrySession() lets them in again', async () => {
    const { world, session, dial, advance, log } = share();
    session.connect();
    dial();
    await advance();
    await Promise.all([session.signOut(), advance()]);
    expect(log).toEqual(['1 open', '1 close 1000 clean']);
    dial();
    await advance();
    expect(world.server.dials).toHaveLength(1);
    session.retrySession();
    dial();
    await advance();
    expect(log.at(-1)).toBe('3 open');
    session.destroy();
  });

  it('T19 a change of user cuts the sockets of the former one at once with 1006, so that the library dials as the next', async () => {
    const { world, session, dial, advance, log } = share({ sessionKey: 'ada' });
    session.connect();
    dial();
    await advance();
    session.setSessionKey('ben');
    await advance(0);
    expect(log).toEqual(['1 open', '1 close 1006 unclean']);
    dial();
    await advance();
    expect(log.at(-1)).toBe('2 open');
    const [first, second] = presented(world);
    expect(second).not.toBe(first);
    await advance();
    expect(world.openSockets).toBe(1);
    session.destroy();
  });

  it('nobody signed in: no token call, no dial', async () => {
    const { world, dial, advance, log } = share({ sessionKey: null });
    dial();
    await advance();
    expect(log).toEqual(['1 error', '1 close 1006 unclean']);
    expect([world.tokens.calls.length, world.server.dials.length]).toEqual([0, 0]);
  });
});

describe('what is left behind', () => {
  it('Z03 does nothing before the first construction, and leaves no timer, listener or socket after the last close', async () => {
    const { world, dial, advance, Socket } = bind();
    await advance(60_000);
    expect([world.tokens.calls.length, world.clock.pendingTimers]).toEqual([0, 0]);
    for (let round = 0; round < 50; round += 1) {
      const socket = dial();
      await advance(20);
      socket.close();
      await advance(20);
    }
    expect(world.clock.pendingTimers).toBe(0);
    expect(world.openSockets).toBe(0);
    expect(Socket.session.getStatus().stopReason).toBe('disconnected');
    expect(world.tokens.calls).toHaveLength(1);
  });

  it('while a socket is open its own session keeps the token fresh for the next dial', async () => {
    const { world, dial, advance } = bind({}, createTestWorld({ tokenLifetimeMs: 600_000 }));
    dial();
    await advance(1_200_000);
    expect(world.tokens.calls.length).toBeGreaterThanOrEqual(2);
    const calls = world.tokens.calls.length;
    dial();
    await advance(0);
    expect(world.server.dials).toHaveLength(2);
    expect(world.tokens.calls).toHaveLength(calls);
  });
});

describe('options', () => {
  const getToken = () => 'token';
  it.each([
    [{}, /getToken or carrier/],
    [{ getToken: 'token' }, /getToken must be/],
    [{ getToken, carrier: firstMessage() }, /first message/],
    [{ getToken, close: 'expired' }, /close must be a function/],
    [{ getToken, timeouts: { dialMs: 0 } }, /timeouts\.dialMs/],
    [{ getToken, timeouts: { tokenMs: NaN } }, /timeouts\.tokenMs/],
    [{ getToken, allowInsecure: 'yes' }, /allowInsecure/],
    [{ getToken, onError: 1 }, /onError/],
    [{ getToken, sessionKey: '' }, /sessionKey/],
  ])('I13 %o throws an invalid-option that names it', (options, message) => {
    const thrown = (() => {
      try {
        return authWebSocket(options as never);
      } catch (error) {
        return error;
      }
    })();
    expect(isAuthSocketError(thrown) && thrown.code).toBe('invalid-option');
    expect(String(thrown)).toMatch(message);
  });

  it('may be bound where there is no WebSocket, as on a server; only a construction throws', () => {
    const Socket = authWebSocket({ getToken, platform: { WebSocket: undefined as never } });
    expect(() => new Socket('wss://app.test')).toThrow(/platform\.WebSocket/);
  });
});

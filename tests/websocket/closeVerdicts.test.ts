import { describe, expect, it } from 'vitest';
import { signedOut, tokenRejected } from '../../src/core';
import { closeTable, ticket } from '../../src/protocols';
import { createTestWorld } from '../../src/testing';
import { authWebSocket } from '../../src/websocket';
import { bind, presented, URL_OF_ROOM, type Bound } from './boundWorld';

describe('what a close says of the token', () => {
  const close = async (bound: Bound, code: number, reason?: string) => {
    bound.world.server.last.close(code, reason);
    await bound.advance();
    bound.dial();
    await bound.advance();
  };
  const forced = ({ world }: Bound) => world.tokens.calls.filter(({ forceRefresh }) => forceRefresh).length;

  it.each([
    [4401, undefined],
    [4403, undefined],
    [1008, '{"code":"token_expired"}'],
    [1008, 'Authentication expired'],
    [3000, 'token_revoked'],
  ])('S10 S12 after %s %s the next dial presents a refreshed token', async (code, reason) => {
    const bound = bind();
    bound.dial();
    await bound.advance();
    await close(bound, code, reason);
    const [first, second] = presented(bound.world);
    expect(second).not.toBe(first);
    expect(forced(bound)).toBe(1);
    expect(bound.log.at(-1)).toBe('2 open');
    expect(bound.ends).toEqual([]);
  });

  it('T10 a refused token is never presented again; the first different one is', async () => {
    const world = createTestWorld();
    let token = 'first-token';
    const bound = bind({ getToken: () => token }, world);
    bound.dial();
    await bound.advance();
    await close(bound, 4401);
    bound.dial();
    await bound.advance();
    expect(presented(world)).toHaveLength(1);
    expect(bound.log.slice(-2)).toEqual(['3 error', '3 close 1006 unclean']);
    token = 'second-token';
    bound.dial();
    await bound.advance();
    expect(bound.log.at(-1)).toBe('4 open');
    expect(bound.ends).toEqual([]);
  });

  it.each([
    [1000, undefined],
    [1001, undefined],
    [1011, 'internal'],
    [1012, undefined],
    [1013, 'too many connections'],
  ])('S13 S14 %s says nothing of the token', async (code, reason) => {
    const bound = bind();
    bound.dial();
    await bound.advance();
    await close(bound, code, reason);
    expect(forced(bound)).toBe(0);
    expect(new Set(presented(bound.world)).size).toBe(1);
  });

  it.each([1008, 4999])(
    'S11 S15 a bare %i costs one refresh, and no second one before a link was stable',
    async code => {
      const bound = bind();
      bound.dial();
      await bound.advance();
      await close(bound, code);
      expect(forced(bound)).toBe(1);
      await close(bound, code);
      await close(bound, code);
      expect(forced(bound)).toBe(1);
      await bound.advance(6_000);
      await close(bound, code);
      expect(forced(bound)).toBe(2);
    },
  );

  it('S02 two refused handshakes in a row cost one refresh, as a 401 at the upgrade cannot be read', async () => {
    const bound = bind();
    bound.world.server.refuse();
    for (let tries = 0; tries < 6; tries += 1) {
      bound.dial();
      await bound.advance(500);
    }
    expect(forced(bound)).toBe(1);
    expect(new Set(presented(bound.world)).size).toBe(2);
  });

  it('what the library closed itself is nobody’s refusal', async () => {
    const bound = bind();
    bound.world.server.hang();
    for (let tries = 0; tries < 6; tries += 1) {
      const socket = bound.dial();
      await bound.advance(50);
      socket.close();
      await bound.advance(50);
    }
    expect(bound.world.tokens.calls).toHaveLength(1);
  });

  it('codes get another meaning by `close`; one that throws is reported and means nothing', async () => {
    const own = bind({ close: closeTable({ 4001: 'expired' }) });
    own.dial();
    await own.advance();
    await close(own, 4001);
    expect(forced(own)).toBe(1);
    const throwing = bind({
      close: () => {
        throw new Error('mine');
      },
    });
    throwing.dial();
    await throwing.advance();
    await close(throwing, 1012);
    expect(throwing.errors).toMatchObject([{ code: 'invalid-option', cause: { message: 'mine' } }]);
    expect(throwing.log.at(-1)).toBe('2 open');
  });
});

describe('tickets that are refused', () => {
  it('tokenRejected() costs one refresh and one more ticket; a second one means "not now"', async () => {
    const tokens: (string | null)[] = [];
    const bound = bind({
      carrier: ticket({
        getTicket: ({ token }) => {
          tokens.push(token);
          return tokens.length === 2 ? 'ticket' : tokenRejected();
        },
      }),
    });
    bound.dial();
    await bound.advance();
    expect(bound.log).toEqual(['1 open']);
    expect(new Set(tokens).size).toBe(2);
    bound.dial();
    await bound.advance();
    expect(bound.log.slice(1)).toEqual(['2 error', '2 close 1006 unclean']);
    expect(tokens).toHaveLength(4);
    expect(bound.world.tokens.calls.filter(({ forceRefresh }) => forceRefresh)).toHaveLength(2);
  });

  it('signedOut() of the ticket endpoint makes us ask the token source, which decides: nobody is signed out', async () => {
    const bound = bind({ carrier: ticket({ getTicket: () => signedOut() }) });
    bound.dial();
    await bound.advance();
    expect(bound.world.tokens.calls.map(({ forceRefresh }) => forceRefresh)).toEqual([false, true]);
    expect(bound.log).toEqual(['1 error', '1 close 1006 unclean']);
    expect(bound.Socket.session.getStatus().session).toBe('valid');
  });

  it('without a token source its second signedOut() ends the session, once; retrySession() begins another', async () => {
    const world = createTestWorld();
    const ends: { reason: string; by: string }[] = [];
    let calls = 0;
    let isOver = true;
    const Socket = authWebSocket({
      platform: world.platform,
      onSessionExpired: end => ends.push(end),
      carrier: ticket({
        getTicket: () => {
          calls += 1;
          return isOver ? signedOut('logged out elsewhere') : `ticket-${calls}`;
        },
      }),
    });
    const first = new Socket(URL_OF_ROOM);
    await world.clock.advance(100);
    expect([calls, first.readyState]).toEqual([2, 3]);
    expect(ends).toMatchObject([{ reason: 'logged out elsewhere', by: 'token-source' }]);
    const second = new Socket(URL_OF_ROOM);
    await world.clock.advance(100);
    expect([calls, second.readyState]).toEqual([2, 3]);
    expect(ends).toHaveLength(1);
    isOver = false;
    Socket.session.retrySession();
    const third = new Socket(URL_OF_ROOM);
    await world.clock.advance(100);
    expect(third.readyState).toBe(1);
  });
});

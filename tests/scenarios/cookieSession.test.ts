import { describe, expect, it } from 'vitest';
import { signedIn, signedOut, unavailable, type TokenAnswer } from '../../src/core';
import { cookie, jsonProtocol, subprotocol, ticket } from '../../src/protocols';
import { clientInWorld } from './clientInWorld';

const protocols = {
  'the cookie carrier': () => jsonProtocol({ carrier: cookie() }),
  'the default carrier, which has nothing to say': () => jsonProtocol(),
  'a subprotocol': () => jsonProtocol({ carrier: subprotocol({ accept: 'chat.v1' }) }),
  'a ticket': () => {
    let issued = 0;
    return jsonProtocol({ carrier: ticket({ getTicket: () => `ticket-${(issued += 1)}` }) });
  },
};

describe.each(Object.entries(protocols))(
  'a session whose only credential is a cookie, with %s',
  (_name, make) => {
    it.each([
      ['signedIn()', { getToken: () => signedIn() }],
      ['no getToken at all', { getToken: undefined as never }],
    ])('opens, carries messages and comes back after a drop: %s', async (_source, options) => {
      const client = clientInWorld({ protocol: make(), ...options });
      const { world, socket } = client;
      await client.open();
      expect(socket.getStatus()).toMatchObject({ session: 'valid', tokenExpiresAt: null });
      socket.send({ type: 'hello' });
      await world.clock.advance(0);
      expect(world.server.last.received).toEqual([{ type: 'hello' }]);
      world.server.last.send({ type: 'news' });
      await world.clock.advance(0);
      expect(client.messages).toEqual([{ type: 'news' }]);
      world.server.last.drop();
      await world.clock.advance(6_000);
      expect(socket.getStatus()).toMatchObject({ link: 'open', connection: 2, session: 'valid' });
      await expect(socket.getToken()).rejects.toMatchObject({ code: 'no-token' });
      expect(client.ends).toEqual([]);
      await client.end();
    });
  },
);

describe('a cookie session', () => {
  it('whose life is known is renewed ahead of its end, and ends when the source says so', async () => {
    let answer: TokenAnswer = signedIn({ expiresInMs: 600_000 });
    let calls = 0;
    const client = clientInWorld({
      protocol: jsonProtocol({ carrier: cookie() }),
      getToken: () => {
        calls += 1;
        return answer;
      },
    });
    await client.open();
    await client.world.clock.advance(500_000);
    expect(calls).toBe(2);
    expect(client.world.server.connections).toHaveLength(1);
    answer = signedOut('idle for too long');
    await client.world.clock.advance(600_000);
    expect(client.ends).toEqual([
      expect.objectContaining({ reason: 'idle for too long', by: 'token-source' }),
    ]);
    expect(client.socket.getStatus()).toMatchObject({ session: 'signed-out', link: 'stopped' });
    await client.end();
  });

  it('S12 a close that says revoked makes us ask the source, which keeps the session or ends it', async () => {
    let answer: TokenAnswer = signedIn();
    const reasons: string[] = [];
    const client = clientInWorld({
      protocol: jsonProtocol({ carrier: cookie() }),
      getToken: ({ reason }) => {
        reasons.push(reason);
        return answer;
      },
    });
    await client.open();
    await client.world.clock.advance(6_000);
    client.world.server.last.close(1008, '{"code":"session_revoked"}');
    await client.world.clock.advance(1_000);
    expect(reasons).toEqual(['initial', 'rejected']);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 2 });
    answer = signedOut('revoked');
    await client.world.clock.advance(6_000);
    client.world.server.last.close(1008, '{"code":"session_revoked"}');
    await client.world.clock.advance(1_000);
    expect(client.ends).toHaveLength(1);
    await client.end();
  });

  it('S12 without a source no verdict of the server signs anybody out', async () => {
    const client = clientInWorld({
      protocol: jsonProtocol({ carrier: cookie() }),
      getToken: undefined as never,
    });
    await client.open();
    for (const reason of ['{"code":"session_revoked"}', '{"code":"token_expired"}', 'Session invalid', '']) {
      client.world.server.last.close(1008, reason);
      await client.world.clock.advance(31_000);
      expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    }
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('S1-C without a source the second word of the ticket endpoint ends the session, once', async () => {
    let asked = 0;
    let isOver = false;
    const client = clientInWorld({
      getToken: undefined as never,
      protocol: jsonProtocol({
        carrier: ticket({
          getTicket: () =>
            isOver ? ((asked += 1), signedOut('session_expired')) : `ticket-${Math.random()}`,
        }),
      }),
    });
    await client.open();
    isOver = true;
    client.world.server.last.drop();
    await client.world.clock.advance(5_000);
    expect(asked).toBe(2);
    expect(client.ends).toEqual([expect.objectContaining({ reason: 'session_expired', by: 'token-source' })]);
    await client.world.clock.advance(600_000);
    expect(asked).toBe(2);
    await client.end();
  });

  it('unavailable() from the source keeps the session that was valid', async () => {
    let answer: TokenAnswer = signedIn({ expiresInMs: 60_000 });
    const client = clientInWorld({ protocol: jsonProtocol({ carrier: cookie() }), getToken: () => answer });
    await client.open();
    answer = unavailable();
    await client.world.clock.advance(120_000);
    expect(client.socket.getStatus().session).toBe('stale');
    expect(client.ends).toEqual([]);
    answer = signedIn();
    await client.world.clock.advance(31_000);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    await client.end();
  });
});

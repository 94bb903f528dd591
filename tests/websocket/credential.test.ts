import { describe, expect, it } from 'vitest';
import { signedIn, signedOut, unavailable, type TokenAnswer } from '../../src/core';
import { cookie, subprotocol, ticket } from '../../src/protocols';
import { createTestWorld } from '../../src/testing';
import { authWebSocket } from '../../src/websocket';
import { bind, presented, URL_OF_ROOM } from './boundWorld';

describe('the credential', () => {
  it('is fetched while readyState is CONNECTING; then one dial presents it, behind what the library offers', async () => {
    const { world, dial, advance, log } = bind();
    const socket = dial(URL_OF_ROOM, ['chat']);
    expect([socket.readyState, world.server.dials.length]).toEqual([0, 0]);
    await advance();
    expect(world.server.dials).toMatchObject([
      { url: URL_OF_ROOM, protocols: ['chat', 'v1', expect.stringMatching(/^bearer\./)] },
    ]);
    expect([socket.readyState, socket.url, socket.protocol]).toEqual([1, URL_OF_ROOM, 'chat']);
    expect(log).toEqual(['1 open']);
  });

  it('a subprotocol that the library offers itself is offered once', async () => {
    const { world, dial, advance } = bind();
    dial(URL_OF_ROOM, 'v1');
    await advance();
    expect(world.server.dials[0]?.protocols).toEqual(['v1', expect.stringMatching(/^bearer\./)]);
  });

  it('a token that lives is used for every dial; an expired one is replaced first', async () => {
    const { world, dial, advance } = bind({}, createTestWorld({ tokenLifetimeMs: 60_000 }));
    const [first] = [dial(), dial()];
    await advance();
    dial();
    await advance();
    expect(new Set(presented(world)).size).toBe(1);
    expect(world.tokens.calls).toHaveLength(1);
    world.tokens.fail(1_000);
    await advance(61_000);
    world.tokens.issue();
    expect(first.readyState).toBe(1);
    dial();
    await advance();
    expect(new Set(presented(world)).size).toBe(2);
  });

  it('T16 every dial presents a ticket of its own, and nothing shows it', async () => {
    let count = 0;
    const { world, dial, advance, errors } = bind({
      carrier: ticket({ getTicket: () => `ticket-${(count += 1)}` }),
    });
    const sockets = [dial(), dial('wss://app.test/room?x=1')];
    await advance();
    expect(world.server.dials.map(({ url }) => url)).toEqual([
      'wss://app.test/room?ticket=ticket-1',
      'wss://app.test/room?x=1&ticket=ticket-2',
    ]);
    expect(sockets.map(({ url }) => url)).toEqual([URL_OF_ROOM, 'wss://app.test/room?x=1']);
    expect(errors).toEqual([]);
  });

  it('T17 a ticket that came too late is not presented', async () => {
    const { world, dial, advance, log } = bind({
      carrier: ticket({
        maxAgeMs: 1_000,
        getTicket: () => new Promise(resolve => world.platform.clock.setTimer(() => resolve('t'), 2_000)),
      }),
    });
    dial();
    await advance(3_000);
    expect(log).toEqual(['1 error', '1 close 1006 unclean']);
    expect(world.server.dials).toHaveLength(0);
  });

  it('a cookie needs no source, and a source that says signedIn() presents nothing', async () => {
    const platform = createTestWorld().platform;
    expect(() => authWebSocket({ platform, carrier: cookie() })).not.toThrow();
    for (const getToken of [undefined, () => signedIn()]) {
      const { world, advance, errors } = bind();
      const Socket = authWebSocket({
        platform: world.platform,
        carrier: subprotocol({ accept: 'v1' }),
        ...(getToken && { getToken }),
      });
      const socket = new Socket(URL_OF_ROOM);
      await advance();
      expect(socket.readyState).toBe(1);
      expect(world.server.dials[0]?.protocols).toEqual(['v1']);
      expect(errors).toEqual([]);
    }
  });

  it('without a carrier the token is waited for and left to the library', async () => {
    const world = createTestWorld();
    world.server.auto = false;
    world.tokens.hang();
    const Socket = authWebSocket({ platform: world.platform, getToken: world.tokens.source });
    const socket = new Socket(URL_OF_ROOM, 'graphql-transport-ws');
    await world.clock.advance(1_000);
    expect(world.server.dials).toHaveLength(0);
    world.tokens.issue();
    await world.clock.advance(1_000);
    expect(world.server.dials.map(({ protocols }) => protocols)).toEqual([['graphql-transport-ws']]);
    expect(await Socket.session.getToken()).toEqual(expect.any(String));
    socket.close();
  });

  it('X01 a URL of the library that carries the access token is not dialled, and the report does not repeat it', async () => {
    const { world, Socket, dial, advance, errors, log } = bind();
    const token = await Promise.all([Socket.session.getToken(), advance()]).then(([first]) => first);
    dial(`${URL_OF_ROOM}?token=${token}`);
    await advance();
    expect(world.server.dials).toHaveLength(0);
    expect(log).toEqual(['1 error', '1 close 1006 unclean']);
    expect(errors).toMatchObject([{ code: 'invalid-option' }]);
    expect(JSON.stringify(errors) + String(errors)).not.toContain(token);
  });
});

describe('no credential for now', () => {
  const failing: [string, () => TokenAnswer | Promise<TokenAnswer>, number][] = [
    [
      'a throw',
      () => {
        throw new TypeError('Failed to fetch');
      },
      0,
    ],
    ['a rejection', () => Promise.reject(new Error('no network')), 0],
    ['unavailable()', () => unavailable(), 0],
    ['null', () => null as never, 0],
    ['an empty text', () => '', 0],
    ['a call that never settles', () => new Promise(() => {}), 10_000],
  ];

  it.each(failing)(
    'T01 T04 T13 %s ends in error and 1006, without a dial and without a sign-out',
    async (_, answer, withinMs) => {
      const { world, dial, advance, log, ends, Socket } = bind({ getToken: () => answer() });
      const socket = dial();
      expect([socket.readyState, log]).toEqual([0, []]);
      if (withinMs > 0) await advance(withinMs - 1);
      expect([socket.readyState, log]).toEqual([0, []]);
      await advance(1);
      expect(log).toEqual(['1 error', '1 close 1006 unclean']);
      expect(socket.readyState).toBe(3);
      expect(world.server.dials).toHaveLength(0);
      expect([Socket.session.getStatus().session, ends]).toEqual(['unknown', []]);
    },
  );

  it('T01 the same library dials by its own rules until there is a token, and is let in', async () => {
    const { world, dial, advance, log } = bind();
    world.tokens.fail(3);
    for (let tries = 0; tries < 5 && !log.includes(`${tries} open`); tries += 1) {
      dial();
      await advance(1_000);
    }
    expect(log.at(-1)).toMatch(/open$/);
    expect(world.server.dials).toHaveLength(1);
  });

  it('T04 a hung ticket call ends after its deadline, and its late ticket is not used', async () => {
    let give: (ticket: string) => void = () => {};
    const signals: AbortSignal[] = [];
    const { world, dial, advance, log } = bind({
      carrier: ticket({
        getTicket: ({ signal }) => {
          signals.push(signal);
          return new Promise(resolve => (give = resolve));
        },
      }),
      timeouts: { tokenMs: 4_000 },
    });
    dial();
    await advance(3_900);
    expect(log).toEqual([]);
    await advance(200);
    expect(log).toEqual(['1 error', '1 close 1006 unclean']);
    expect(signals[0]?.aborted).toBe(true);
    give('late');
    await advance();
    expect(world.server.dials).toHaveLength(0);
  });

  it('S04 a handshake that nobody answers is given up after its deadline, and the next dial leaves', async () => {
    const { world, dial, advance, log } = bind({ timeouts: { dialMs: 5_000 } });
    world.server.hang();
    const socket = dial();
    await advance(4_900);
    expect([socket.readyState, log]).toEqual([0, []]);
    await advance(200);
    expect(log).toEqual(['1 error', '1 close 1006 unclean']);
    world.server.accept();
    dial();
    await advance();
    expect(log.at(-1)).toBe('2 open');
    expect(world.openSockets).toBe(1);
  });

  it('close() while the credential is fetched ends it without a dial, and aborts the ticket call', async () => {
    const signals: AbortSignal[] = [];
    const { world, dial, advance, log } = bind({
      carrier: ticket({
        getTicket: ({ signal }) => {
          signals.push(signal);
          return new Promise(() => {});
        },
      }),
    });
    const socket = dial();
    await advance();
    socket.close(4000, 'enough');
    expect([socket.readyState, log]).toEqual([2, []]);
    await advance();
    expect(log).toEqual(['1 error', '1 close 1006 unclean']);
    expect(signals[0]?.aborted).toBe(true);
    expect(world.server.dials).toHaveLength(0);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('handlers that are attached after a failing constructor still hear of it', async () => {
    const { Socket, advance } = bind({ getToken: () => signedOut() });
    const socket = new Socket(URL_OF_ROOM);
    await Promise.resolve();
    const codes: number[] = [];
    socket.addEventListener('close', ({ code }) => codes.push(code));
    await advance();
    expect(codes).toEqual([1006]);
  });

  it('a constructor of the platform that throws is error and 1006, and is reported without the address', async () => {
    function Throwing(url: string) {
      throw new DOMException(`Refused to connect to ${url}`, 'SecurityError');
    }
    const world = createTestWorld();
    const platform = { ...world.platform, WebSocket: Throwing as never };
    const { dial, advance, log, errors } = bind(
      { platform, carrier: ticket({ getTicket: () => 'secret-ticket' }) },
      world,
    );
    dial();
    await advance();
    expect(log).toEqual(['1 error', '1 close 1006 unclean']);
    expect(errors).toMatchObject([{ code: 'invalid-option', cause: 'SecurityError' }]);
    expect(JSON.stringify(errors)).not.toContain('secret-ticket');
  });
});

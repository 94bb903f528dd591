import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createAuthSocket,
  isAuthSocketError,
  signedIn,
  signedOut,
  tokenRejected,
  unavailable,
  type AuthSocketError,
  type TokenAnswer,
} from '../../src/core';
import { closeTable, cookie, firstMessage, subprotocol, ticket } from '../../src/protocols';
import { createTestWorld, type TestWorld } from '../../src/testing';
import {
  AuthWebSocket,
  authWebSocket,
  type AuthWebSocketConstructor,
  type AuthWebSocketOptions,
} from '../../src/websocket';
import { expectedSurface } from './expectedSurface';
import { readSurface } from './surface';

const URL_OF_ROOM = 'wss://app.test/room';

interface Bound {
  readonly world: TestWorld;
  readonly Socket: AuthWebSocketConstructor;
  readonly errors: AuthSocketError[];
  readonly ends: { reason: string; by: string }[];
  readonly log: string[];
  /** Constructs one as a library does, and writes down its events. */
  dial(url?: string, protocols?: string | string[]): AuthWebSocket;
  advance(ms?: number): Promise<void>;
}

function bind(options: Partial<AuthWebSocketOptions> = {}, world = createTestWorld()): Bound {
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
const presented = ({ server }: TestWorld) => server.dials.map(({ protocols }) => protocols.at(-1));

describe('a socket and the standard', () => {
  it('I06 I07 shows what the WebSocket of Chromium shows: constants, attributes, errors, listeners', async () => {
    const Socket = authWebSocket({
      platform: { WebSocket: (() => {}) as never },
      getToken: () => new Promise(() => {}),
      timeouts: { tokenMs: 50 },
    });
    expect(await readSurface(Socket, 'http://127.0.0.1/')).toEqual(expectedSurface);
  });

  it('I06 close() takes exactly the codes of the standard, in every state', async () => {
    const { dial, advance } = bind();
    const connecting = dial();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -70_000, max: 140_000 }), async code => {
        const isAllowed = code === 1000 || (code >= 3000 && code <= 4999);
        const refused = expect.objectContaining({ name: 'InvalidAccessError' });
        if (!isAllowed) {
          const before = connecting.readyState;
          expect(() => connecting.close(code)).toThrow(refused);
          expect(connecting.readyState).toBe(before);
        } else {
          const other = dial();
          other.close(code);
          expect(other.readyState).toBe(other.CLOSING);
        }
      }),
      { numRuns: 300 },
    );
    await advance();
    expect(connecting.readyState).toBe(connecting.OPEN);
  });

  it('I07 a reason may have 123 bytes of UTF-8 and no more', () => {
    const { dial } = bind();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 140 }), reason => {
        const socket = dial();
        const isTooLong = new TextEncoder().encode(reason).length > 123;
        if (isTooLong) {
          expect(() => socket.close(1000, reason)).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
          expect(socket.readyState).toBe(socket.CONNECTING);
          socket.close();
        } else {
          socket.close(1000, reason);
          expect(socket.readyState).toBe(socket.CLOSING);
        }
      }),
    );
  });

  it('is an AuthWebSocket and passes for a WebSocket class', () => {
    const { Socket, dial } = bind();
    const asStandard: typeof WebSocket = Socket;
    expect(asStandard.OPEN).toBe(1);
    expect(dial()).toBeInstanceOf(AuthWebSocket);
    expect(dial()).toBeInstanceOf(Socket);
  });

  it.each([
    ['ws://app.test/x', 'throws'],
    ['http://app.test/x', 'throws'],
    ['ws://localhost:8080/x', 'ws://localhost:8080/x'],
    ['ws://127.0.0.1/x', 'ws://127.0.0.1/x'],
    ['https://app.test/x?y=1', 'wss://app.test/x?y=1'],
  ])('X06 a credential leaves over wss only, or stays on this machine: %s', (url, outcome) => {
    const { Socket } = bind();
    if (outcome === 'throws') {
      expect(() => new Socket(url)).toThrow(expect.objectContaining({ name: 'SecurityError' }));
      expect(new (bind({ allowInsecure: true }).Socket)(url).url).toBe('ws://app.test/x');
    } else expect(new Socket(url).url).toBe(outcome);
  });
});

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

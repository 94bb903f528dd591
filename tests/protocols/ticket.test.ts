import { describe, expect, it } from 'vitest';
import {
  isAuthSocketError,
  jsonProtocol,
  signedIn,
  signedOut,
  tokenRejected,
  unavailable,
  type AuthSocketOptions,
} from '../../src/core';
import { ticket, type DialAnswer, type TicketAnswer, type TicketOptions } from '../../src/protocols';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { printedText } from '../server/printedText';
import { clientInWorld, type ClientInWorld } from '../scenarios/clientInWorld';

const address = 'wss://app.test/ws?room=7';
const minute = 60;

function prepared(options: TicketOptions, token: string | null = null): Promise<DialAnswer> {
  const { signal } = new AbortController();
  return Promise.resolve(ticket(options).prepare?.({ url: new URL(address), token, signal }) as DialAnswer);
}

/** What a carrier makes of one answer. */
const madeOf = (answer: unknown, token: string | null = null) =>
  prepared({ getTicket: () => answer as TicketAnswer }, token);

function inWorld(
  getTicket: TicketOptions['getTicket'],
  options: Partial<AuthSocketOptions> = {},
): ClientInWorld {
  const protocol = jsonProtocol({ carrier: ticket({ getTicket }) });
  return clientInWorld({ protocol, getToken: undefined as never, ...options });
}

const ticketsOf = ({ world }: ClientInWorld) =>
  world.server.dials.map(({ url }) => new URL(url).searchParams.get('ticket'));

describe('ticket: what an answer becomes', () => {
  it('a string is added to the address, beside what is there', async () => {
    const answer = (await madeOf('one-time-1')) as { url: URL; maxAgeMs: number };
    expect(answer.url.href).toBe('wss://app.test/ws?room=7&ticket=one-time-1');
    expect(answer.maxAgeMs).toBe(60_000);
  });

  it('the address that was given is left as it was', async () => {
    const url = new URL(address);
    await ticket({ getTicket: () => 'one-time-1' }).prepare?.({
      url,
      token: null,
      signal: new AbortController().signal,
    });
    expect(url.href).toBe(address);
  });

  it('whatever is in it arrives as it was', async () => {
    const odd = 'a b+c/d=&e#f?ä\u2028';
    const { url } = (await madeOf(odd)) as { url: URL };
    expect(new URL(url.href).searchParams.get('ticket')).toBe(odd);
    expect(url.hash).toBe('');
  });

  it.each<[string, unknown, number]>([
    ['without a life: a minute', { ticket: 'one-time-1' }, 60_000],
    ['with a shorter life: that', { ticket: 'one-time-1', expiresInMs: 30_000 }, 30_000],
    ['with a longer life: a minute all the same', { ticket: 'one-time-1', expiresInMs: 300_000 }, 60_000],
    ['with a life of 0, which cannot be meant', { ticket: 'one-time-1', expiresInMs: 0 }, 60_000],
    ['with a negative life', { ticket: 'one-time-1', expiresInMs: -5 }, 60_000],
    ['with a life that is no number', { ticket: 'one-time-1', expiresInMs: NaN }, 60_000],
    ['with a life that is text', { ticket: 'one-time-1', expiresInMs: '30000' }, 60_000],
  ])('an object %s', async (_name, answer, maxAgeMs) => {
    await expect(madeOf(answer)).resolves.toMatchObject({ maxAgeMs });
  });

  it('its own limit may be named', async () => {
    const options = { maxAgeMs: 5_000, param: 't' };
    await expect(
      prepared({ ...options, getTicket: () => ({ ticket: 'x', expiresInMs: 9_000 }) }),
    ).resolves.toEqual({ url: new URL(`${address}&t=x`), maxAgeMs: 5_000 });
  });

  it.each([
    ['tokenRejected()', tokenRejected()],
    ['signedOut()', signedOut('session_expired')],
    ['unavailable()', unavailable({ retryAfterMs: 7_000 })],
  ])('%s is handed on', async (_name, answer) => {
    await expect(madeOf(answer)).resolves.toBe(answer);
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['an empty string', ''],
    ['a number', 7],
    ['true', true],
    ['a list', ['one-time-1']],
    ['an empty object', {}],
    ['an object whose ticket is empty', { ticket: '' }],
    ['an object whose ticket is a number', { ticket: 7 }],
    ['an object with another name for it', { token: 'one-time-1' }],
  ])('I02 %s means "not now"', async (_name, answer) => {
    await expect(madeOf(answer)).resolves.toEqual(unavailable());
  });

  it('a parameter of that name in the address is replaced, not doubled', async () => {
    const { url } = (await prepared({ getTicket: () => 'one-time-1', param: 'room' })) as { url: URL };
    expect(url.href).toBe('wss://app.test/ws?room=one-time-1');
  });
});

describe('ticket: options', () => {
  it.each<[string, object]>([
    ['getTicket', {}],
    ['getTicket', { getTicket: 'https://app.test/ticket' }],
    ['param', { getTicket: () => 'x', param: '' }],
    ['param', { getTicket: () => 'x', param: 7 }],
    ['maxAgeMs', { getTicket: () => 'x', maxAgeMs: 0 }],
    ['maxAgeMs', { getTicket: () => 'x', maxAgeMs: -1 }],
    ['maxAgeMs', { getTicket: () => 'x', maxAgeMs: NaN }],
    ['maxAgeMs', { getTicket: () => 'x', maxAgeMs: Infinity }],
    ['maxAgeMs', { getTicket: () => 'x', maxAgeMs: '60' }],
  ])('I13 a wrong %s is refused at creation, by its name: %j', (name, options) => {
    let thrown: unknown;
    try {
      ticket(options as TicketOptions);
    } catch (error) {
      thrown = error;
    }
    expect(isAuthSocketError(thrown) && thrown.code).toBe('invalid-option');
    expect((thrown as Error).message).toContain(`ticket: ${name} must be`);
  });
});

describe('ticket: asked for per dial', () => {
  it('right before each dial, with the token of the session and a signal', async () => {
    const asked: { token: string | null; isAborted: boolean }[] = [];
    const client = inWorld(
      ({ token, signal }) => {
        asked.push({ token, isAborted: signal.aborted });
        return `one-time-${asked.length}`;
      },
      { getToken: () => 'access-1' },
    );
    await client.open(6_000);
    client.world.server.last.drop();
    await client.world.clock.advance(1_000);
    expect(ticketsOf(client)).toEqual(['one-time-1', 'one-time-2']);
    expect(asked).toEqual([
      { token: 'access-1', isAborted: false },
      { token: 'access-1', isAborted: false },
    ]);
    await client.end();
  });

  it.each<[string, () => TicketAnswer | Promise<TicketAnswer>]>([
    [
      'throws',
      () => {
        throw new TypeError('Failed to fetch');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['hangs', () => new Promise(() => {})],
    ['answers nothing', () => null as never],
    ['answers signedIn()', () => signedIn() as never],
    ['says "not now"', () => unavailable()],
  ])(
    'S1-B one that %s for a minute costs time: no dial without a ticket, nobody signed out',
    async (_how, fail) => {
      let isBroken = false;
      let issued = 0;
      const client = inWorld(() => (isBroken ? fail() : `one-time-${(issued += 1)}`));
      await client.open(6_000);
      isBroken = true;
      client.world.server.last.drop();
      await client.world.clock.advance(60_000);
      expect(client.world.server.dials).toHaveLength(1);
      expect(client.socket.getStatus()).toMatchObject({ session: 'valid' });
      isBroken = false;
      await client.world.clock.advance(41_000);
      expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 2 });
      expect(ticketsOf(client)).toEqual(['one-time-1', 'one-time-2']);
      expect({ ends: client.ends, errors: client.errors }).toEqual({ ends: [], errors: [] });
      await client.end();
    },
  );

  it('the signal ends with the deadline, and a ticket that comes after it is not used', async () => {
    const late: ((answer: TicketAnswer) => void)[] = [];
    const signals: AbortSignal[] = [];
    const client = inWorld(({ signal }) => {
      signals.push(signal);
      return new Promise<TicketAnswer>(resolve => late.push(resolve));
    });
    client.socket.connect();
    await client.world.clock.advance(9_900);
    expect(signals[0]?.aborted).toBe(false);
    await client.world.clock.advance(700);
    expect(signals[0]?.aborted).toBe(true);
    late[0]?.('one-time-1');
    await client.world.clock.advance(0);
    expect(client.world.server.dials).toEqual([]);
    late[1]?.('one-time-2');
    await client.world.clock.advance(0);
    expect(ticketsOf(client)).toEqual(['one-time-2']);
    await client.end();
  });

  it('T16 twenty reconnects within minutes: twenty-one tickets, none presented twice', async () => {
    let issued = 0;
    const client = inWorld(() => `one-time-${(issued += 1)}`);
    await client.open(6_000);
    for (let n = 0; n < 20; n++) {
      client.world.server.last.drop();
      await client.world.clock.advance(10_000);
    }
    expect(new Set(ticketsOf(client)).size).toBe(21);
    expect({ issued, dials: client.world.server.dials.length }).toEqual({ issued: 21, dials: 21 });
    await client.end();
  });

  /** Timeline 1c: a spent ticket is refused at the upgrade, of which a browser sees 1006 only. */
  it.each([
    ['the same ticket again and again', ['one-time-1']],
    ['two tickets by turns', ['one-time-1', 'one-time-2']],
    ['the last twenty tickets in a circle', Array.from({ length: 20 }, (_, n) => `one-time-${n}`)],
  ])(
    'T16 a cache that answers with %s: each is presented once, then it is "not now"',
    async (_how, cached) => {
      let asked = 0;
      const client = inWorld(() => cached[asked++ % cached.length] ?? '');
      await client.open(6_000);
      for (let n = 0; n < 40; n++) {
        if (client.world.server.last.isOpen) client.world.server.last.drop();
        await client.world.clock.advance(10_000);
      }
      expect(ticketsOf(client)).toEqual(cached);
      expect(asked).toBeGreaterThan(cached.length);
      expect(client.socket.getStatus()).toMatchObject({ link: 'waiting', session: 'valid' });
      expect(client.ends).toEqual([]);
      await client.end();
    },
  );
});

describe('ticket: what is no ticket', () => {
  const iat = 1_767_225_600;
  const jwt = (lifeS: number) => unsignedJwt({ sub: 'user-1', iat, exp: iat + lifeS });

  it.each([
    ['the access token itself', 'access-1', 'access-1'],
    ['a JWT that lives 30 days', jwt(30 * 24 * 60 * minute), null],
    ['a JWT that lives 11 minutes', jwt(11 * minute), null],
  ])(
    'X01 %s is refused: nothing is dialled, the link stops as misconfigured, the user stays',
    async (_what, given, token) => {
      const client = inWorld(() => given, token === null ? {} : { getToken: () => token });
      client.socket.connect();
      await client.world.clock.advance(60_000);
      expect(client.world.server.dials).toEqual([]);
      expect(client.socket.getStatus()).toMatchObject({ link: 'stopped', stopReason: 'misconfigured' });
      expect(client.errors.map(({ code }) => code)).toEqual(['invalid-option']);
      expect(client.errors.map(printedText).join()).not.toContain(given);
      expect(client.ends).toEqual([]);
      await client.end();
    },
  );

  it('a JWT for one handshake is one', async () => {
    const client = inWorld(() => jwt(5 * minute));
    await client.open();
    expect(ticketsOf(client)).toEqual([jwt(5 * minute)]);
    await client.end();
  });
});

describe('ticket: what is printed', () => {
  it.each<[string, string, (search: string) => string]>([
    ['as it is', 'canary-81884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd1', () => ''],
    ['as the address has it', 'canary+jRWeJCr/+8SNFZ4kKvN7xI0VniQ+g==', search => search],
  ])(
    'X02 no ticket appears in traces, errors or close reasons, although the server quotes it %s',
    async (_how, secret, quote) => {
      const printed: string[] = [];
      let asked = 0;
      const client = inWorld(
        () => {
          asked += 1;
          if (asked === 2) throw new Error(`no ticket like ${secret}`);
          return asked === 1 ? secret : `${secret}${asked}`;
        },
        {
          onTrace: event => printed.push(JSON.stringify(event)),
          onError: error => printed.push(printedText(error)),
        },
      );
      client.socket.subscribe(() => printed.push(JSON.stringify(client.socket.getStatus())));
      await client.open(6_000);
      const { last } = client.world.server;
      last.send(`not JSON: ${secret}`);
      await client.world.clock.advance(0);
      last.close(4000, `spent: ${quote(new URL(last.url).search) || secret}`);
      await client.world.clock.advance(5_000);
      expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
      const text = printed.join('\n');
      expect(text).toContain('[secret]');
      expect(text).toContain('malformed-frame');
      expect(text).not.toContain('canary');
      await client.end();
    },
  );

  it('X02 an address that no socket can be made from is reported without the ticket', async () => {
    const client = inWorld(() => 'one-time-canary', {
      platform: {
        WebSocket: function (url: string | URL) {
          throw new SyntaxError(`The URL '${String(url)}' is invalid.`);
        } as never,
      },
    });
    client.socket.connect();
    await expect.poll(() => client.socket.getStatus().stopReason).toBe('misconfigured');
    expect(client.errors).toHaveLength(1);
    expect(client.errors.map(printedText).join()).not.toContain('one-time-canary');
    client.socket.destroy();
  });
});

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  createAuthSocket,
  isAuthSocketError,
  jsonProtocol,
  type AuthSocketOptions,
  type SocketProtocol,
} from '../../src/core';
import { clientInWorld } from './clientInWorld';

const stable = 6_000;
const jwt = (claims: unknown) =>
  `e30.${btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims))))}.x`;

function refusal(options: unknown): unknown {
  try {
    createAuthSocket(options as AuthSocketOptions);
    return null;
  } catch (error) {
    return error;
  }
}

describe('options', () => {
  it.each([
    '',
    '::',
    'ftp://a.test/',
    'wss://',
    'http://',
    'wss://a.test/#part',
    'wss://a.test/#',
    '/ws#',
    'ws',
    './ws',
    'javascript:alert(1)',
    'wss:a.test',
    42,
    {},
    null,
  ])('I05 url %j is refused and named, and no page URL is ever dialled', url => {
    expect(refusal({ url })).toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('url'),
    });
  });

  it.each([
    'wss://a.test',
    'ws://127.0.0.1:80/x?y=1',
    'https://a.test/ws',
    '/ws',
    new URL('http://localhost/ws'),
  ])('I05 url %s is taken', url => {
    expect(refusal({ url })).toBeNull();
  });

  const times = [
    'refreshLeadMs',
    'lostAfterMs',
    'lingerMs',
    'timeouts.tokenMs',
    'timeouts.dialMs',
    'timeouts.readyMs',
    'timeouts.ackMs',
    'timeouts.probeMs',
    'heartbeat.intervalMs',
    'heartbeat.timeoutMs',
    'reconnect.minMs',
    'reconnect.maxMs',
    'reconnect.stableAfterMs',
    'queue.max',
    'queue.maxAgeMs',
  ];
  it.each(times)('I13 %s of a wrong type, NaN, negative or infinite throws and is named', name => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.constantFrom(NaN, Infinity, -Infinity, -1, '100', null, {}, [], true),
          fc.double({ max: -1e-9, noNaN: true }),
          fc.string(),
        ),
        value => {
          const [group, key] = name.split('.') as [string, string?];
          const error = refusal(key ? { [group]: { [key]: value } } : { [group]: value });
          expect(error).toMatchObject({ code: 'invalid-option', message: expect.stringContaining(name) });
        },
      ),
    );
  });

  it.each([
    ['getToken', { getToken: 'token' }],
    ['getToken', { getToken: null }],
    ['protocol', { protocol: 'json' }],
    ['sessionKey', { sessionKey: '' }],
    ['sessionKey', { sessionKey: 7 }],
    ['onError', { onError: 'console' }],
    ['queue.overflow', { queue: { overflow: 'explode' } }],
    ['heartbeat', { heartbeat: 'often' }],
    ['timeouts', { timeouts: 5 }],
    ['allowedOrigins', { allowedOrigins: 'https://a.test' }],
    ['allowedOrigins', { allowedOrigins: [new URL('https://a.test')] }],
    ['allowInsecure', { allowInsecure: 'yes' }],
    ['heartbeat.keepsSession', { heartbeat: { keepsSession: 'never' } }],
    ['initialToken', { initialToken: 'token' }],
    ['platform', { platform: null }],
    ['tabs', { tabs: 'maybe' }],
    ['tokenAudience', { tokenAudience: 7 }],
  ])('I13 a wrong %s throws and is named', (name, options) => {
    expect(refusal(options)).toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining(name),
    });
  });

  it.each([[null], [undefined], ['/ws']])('I13 %j instead of options throws and says so', options => {
    expect(() => createAuthSocket(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: 'options must be an object.' }),
    );
  });

  it('X06 ws:// off loopback is refused at the dial, unless it was allowed', async () => {
    const client = clientInWorld({ url: 'ws://somewhere.test/ws' });
    client.socket.connect();
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus()).toMatchObject({ link: 'stopped', stopReason: 'misconfigured' });
    expect(client.world.server.dials).toHaveLength(0);
    expect(client.errors).toEqual([expect.objectContaining({ code: 'invalid-option' })]);
    await client.end();
    const allowed = clientInWorld({ url: 'ws://somewhere.test/ws', allowInsecure: true });
    await allowed.open();
    await allowed.end();
  });

  it('X04 a url function that names another origin is refused, unless that is in allowedOrigins', async () => {
    for (const allowedOrigins of [[], ['https://b.test']]) {
      let host = 'a.test';
      const client = clientInWorld({ url: () => `wss://${host}/ws`, allowedOrigins });
      await client.open(stable);
      host = 'b.test';
      client.world.server.last.drop();
      await client.world.clock.advance(1_000);
      const isAllowed = allowedOrigins.length > 0;
      expect(client.socket.getStatus().link).toBe(isAllowed ? 'open' : 'stopped');
      expect(client.world.server.dials).toHaveLength(isAllowed ? 2 : 1);
      await client.end();
    }
  });
});

describe('frames', () => {
  it.each(['{', 'plain', '', '[1,', '\u0000'])(
    'I01 %j is reported and dropped; the socket and the next frame are fine',
    async text => {
      const client = clientInWorld();
      await client.open(stable);
      client.world.server.last.send(text);
      client.world.server.last.send({ type: 'next' });
      await client.world.clock.advance(0);
      expect(client.errors).toEqual([expect.objectContaining({ code: 'malformed-frame' })]);
      expect(client.messages).toEqual([{ type: 'next' }]);
      expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
      await client.end();
    },
  );

  it('I02 no JSON value at all makes the client throw or lose its link', async () => {
    const client = clientInWorld();
    await client.open(stable);
    const control = fc.constantFrom('auth_ok', 'auth_error', 'auth_expiring_soon', 'pong', 'other');
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom(NaN, -1, 1e308, '', null, '__proto__'));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.jsonValue(),
          fc.record({
            type: control,
            id: field,
            expires_in: field,
            retryable: fc.constant(true),
            retry_after: field,
          }),
        ),
        async value => {
          client.world.server.last.send(JSON.stringify(value));
          await client.world.clock.advance(0);
          expect(client.socket.getStatus().link).toBe('open');
        },
      ),
      { numRuns: 300 },
    );
    expect(client.errors).toEqual([]);
    expect(client.world.server.dials).toHaveLength(1);
    client.socket.destroy();
  });

  it('I03 a frame of 16 MB is delivered whole', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.last.send(JSON.stringify({ type: 'big', text: 'x'.repeat(16 * 1024 * 1024) }));
    await client.world.clock.advance(0);
    expect((client.messages[0] as { text: string }).text).toHaveLength(16 * 1024 * 1024);
    await client.end();
  });

  it('I04 binary frames reach a protocol that reads them untouched, also after a reconnect', async () => {
    const json = jsonProtocol();
    const binary: SocketProtocol = {
      ...json,
      read: data => (typeof data === 'string' ? json.read(data) : { kind: 'message', message: data }),
      write: message => message as ArrayBuffer,
    };
    const client = clientInWorld({ protocol: binary });
    await client.open(stable);
    for (const _round of [1, 2]) {
      client.world.server.last.send(new Uint8Array([0, 255, 128]).buffer);
      await client.world.clock.advance(0);
      client.world.server.last.drop();
      await client.world.clock.advance(stable);
    }
    expect(client.messages).toHaveLength(2);
    for (const message of client.messages) {
      expect(message).toBeInstanceOf(ArrayBuffer);
      expect([...new Uint8Array(message as ArrayBuffer)]).toEqual([0, 255, 128]);
    }
    await client.end();
  });

  it('X07 keys named __proto__ and constructor pollute nothing', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.last.send(
      '{"type":"x","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    );
    client.world.server.last.send('{"__proto__":{"type":"auth_ok"}}');
    client.world.server.last.close(1008, '{"code":"__proto__","__proto__":{"polluted":1}}');
    await client.world.clock.advance(1_000);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(
      refusal(JSON.parse('{"__proto__":{"url":"::"},"timeouts":{"__proto__":{"tokenMs":-1}}}')),
    ).toBeNull();
    await client.end();
  });

  it('a protocol that throws in read, judgeClose, hello, refresh or ping is reported, and the client lives on', async () => {
    const json = jsonProtocol();
    const boom = () => {
      throw new Error('boom');
    };
    for (const part of ['read', 'judgeClose', 'hello', 'refresh', 'ping', 'prepare'] as const) {
      const client = clientInWorld({ protocol: { ...json, [part]: boom }, heartbeat: { intervalMs: 1_000 } });
      client.socket.connect();
      await client.world.clock.advance(3_000);
      client.socket.getToken({ forceRefresh: true }).catch(() => {});
      await client.world.clock.advance(3_000);
      if (client.world.server.connections.length > 0) client.world.server.last.close(1011);
      await client.world.clock.advance(60_000);
      expect(client.socket.getStatus().session).toBe('valid');
      if (part !== 'prepare') expect(client.errors.length).toBeGreaterThan(0);
      await client.end();
    }
  });
});

describe('tokens', () => {
  it('I08 an opaque token, or a JWT without exp, works and is refreshed only when the server says so', async () => {
    for (const token of ['opaque', jwt({ sub: 'user-1' })]) {
      const client = clientInWorld();
      client.world.tokens.answer(token);
      await client.open(stable);
      // The fake server knows no end of such a token either.
      expect(client.socket.getStatus().session).toBe('valid');
      const calls = client.world.tokens.calls.length;
      await client.world.clock.advance(60_000);
      expect(client.world.tokens.calls).toHaveLength(calls);
      await client.end();
    }
  });

  it('I10 an exp in ms instead of seconds is recognised and refreshed on time', async () => {
    const client = clientInWorld({ url: undefined as never });
    const now = client.world.clock.now();
    client.world.tokens.answer(() =>
      jwt({
        sub: 'u',
        n: client.world.clock.now(),
        iat: client.world.clock.now(),
        exp: client.world.clock.now() + 600_000,
      }),
    );
    client.socket.connect();
    await client.world.clock.advance(0);
    expect(client.socket.getStatus().tokenExpiresAt).toBe(now + 600_000);
    await client.world.clock.advance(490_000);
    expect(client.world.tokens.calls).toHaveLength(2);
    await client.end();
  });

  it('I11 an exp that is no time means unknown and never a hot loop', async () => {
    for (const exp of [NaN, '1', -5, 0, 1e308, Infinity, null, {}, [], true]) {
      const client = clientInWorld({ url: undefined as never });
      client.world.tokens.answer(() => ({ token: jwt({ exp, n: Math.random() }), expiresAt: exp as number }));
      client.socket.connect();
      await client.world.clock.advance(3_600_000);
      expect(client.socket.getStatus()).toMatchObject({ session: 'valid', tokenExpiresAt: null });
      expect(client.world.tokens.calls).toHaveLength(1);
      await client.end();
    }
  });

  it('I12 no damaged token makes anything throw', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ minLength: 1 }),
          fc.tuple(fc.string(), fc.string(), fc.string()).map(parts => parts.join('.')),
          fc.jsonValue().map(jwt),
          fc.string({ unit: 'grapheme' }).map(sub => jwt({ sub, exp: 4e9 })),
        ),
        async token => {
          const client = clientInWorld({ url: undefined as never });
          client.world.tokens.answer(token);
          client.socket.connect();
          await client.world.clock.advance(10);
          expect(client.errors).toEqual([]);
          client.socket.destroy();
        },
      ),
      { numRuns: 200 },
    );
  });

  it('I12 a subject in many scripts is read as it was written', async () => {
    const client = clientInWorld({ url: undefined as never, sessionKey: 'k' });
    const exp = client.world.clock.now() / 1_000 + 900;
    client.world.tokens.answer(jwt({ sub: 'Zoë 王 🚀', exp }));
    client.socket.connect();
    await client.world.clock.advance(0);
    client.world.tokens.answer(jwt({ sub: 'Zoë 王 🚀', exp: exp + 60 }));
    await client.socket.getToken({ forceRefresh: true });
    expect(client.errors).toEqual([]);
    await client.end();
  });

  it('X08 strings of a megabyte are read within 50 ms each', async () => {
    const big = 'a'.repeat(1024 * 1024);
    const { judgeClose } = jsonProtocol();
    const facts = { phase: 'open', lastVerdict: null } as const;
    for (const reason of [
      big,
      `{"code":"${big}"}`,
      '{'.repeat(1024 * 1024),
      ' '.repeat(1024 * 1024),
      `${big}expired`,
    ]) {
      const started = performance.now();
      judgeClose({ code: 1008, reason, ...facts });
      expect(performance.now() - started).toBeLessThan(50);
    }
    const client = clientInWorld({ url: undefined as never });
    for (const token of [big, `${big}.${big}.${big}`, '.'.repeat(1024 * 1024)]) {
      client.world.tokens.answer(token);
      const started = performance.now();
      await client.socket.getToken({ forceRefresh: true });
      expect(performance.now() - started).toBeLessThan(150);
    }
    await client.end();
  });
});

describe('messages', () => {
  it('I14 what cannot be written throws invalid-message, and the queue is intact', async () => {
    const client = clientInWorld();
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    client.socket.send({ n: 1 });
    for (const message of [undefined, () => {}, Symbol('s'), cyclic, 1n, { toJSON: () => undefined }]) {
      let caught: unknown;
      try {
        client.socket.send(message);
      } catch (error) {
        caught = error;
      }
      expect(isAuthSocketError(caught) && caught.code).toBe('invalid-message');
    }
    client.socket.send({ n: 2 });
    expect(client.socket.getStatus().queued).toBe(2);
    await client.open(stable);
    expect(client.world.server.last.received.slice(1)).toEqual([{ n: 1 }, { n: 2 }]);
    await client.end();
  });

  it('a throwing onDropped, onSessionExpired, subscriber or onOpen is reported; a throwing onError or onTrace is ignored', async () => {
    const boom = () => {
      throw new Error('boom');
    };
    const onError = vi.fn(boom);
    const client = clientInWorld({
      onDropped: boom,
      onSessionExpired: boom,
      onTrace: boom,
      onError,
      queue: { max: 1 },
    });
    client.socket.subscribe(boom);
    client.socket.onOpen(boom);
    client.socket.send({ n: 1 });
    client.socket.send({ n: 2 });
    await client.open(stable);
    await client.socket.signOut();
    expect(client.socket.getStatus()).toMatchObject({ link: 'stopped', session: 'signed-out' });
    expect(onError.mock.calls.length).toBeGreaterThan(3);
    await client.end();
  });
});

import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createAuthSocket, isAuthSocketError, type AuthSocket } from '../../src/core';
import { closeTable, type Frame, type Verdict } from '../../src/protocols';
import {
  graphqlTransportWs,
  type GraphqlIncoming,
  type GraphqlOutgoing,
} from '../../src/protocols/graphqlTransportWs';

const protocol = graphqlTransportWs();

function codeThrownBy(action: () => unknown): string | null {
  try {
    action();
  } catch (error) {
    return isAuthSocketError(error) ? error.code : 'something else';
  }
  return null;
}

describe('S3-F graphqlTransportWs: what leaves', () => {
  it('offers the subprotocol and leaves the address alone', () => {
    const url = new URL('wss://api.test/graphql?tenant=7');
    const { signal } = new AbortController();
    expect(protocol.prepare?.({ url, token: 'abc', signal })).toEqual({
      url: new URL('wss://api.test/graphql?tenant=7'),
      protocols: ['graphql-transport-ws'],
    });
  });

  it('presents the token in connection_init and waits for the answer', () => {
    expect(JSON.parse(protocol.hello?.('abc') as string)).toEqual({
      type: 'connection_init',
      payload: { Authorization: 'Bearer abc' },
    });
    expect(protocol.waitsForReady).toBe(true);
  });

  it('begins with connection_init where a cookie is the credential, too, and carries nothing in it', () => {
    const payload = (token: string) => ({ token });
    for (const dialect of [protocol, graphqlTransportWs({ payload })]) {
      expect(dialect.hello?.('')).toBe('{"type":"connection_init"}');
    }
  });

  it('carries what the application makes of the token', () => {
    const hasura = graphqlTransportWs({
      payload: token => ({ headers: { Authorization: `Bearer ${token}` } }),
    });
    expect(JSON.parse(hasura.hello?.('abc') as string)).toEqual({
      type: 'connection_init',
      payload: { headers: { Authorization: 'Bearer abc' } },
    });
  });

  it('has no refresh in band: a new token goes over a new link', () => {
    expect(protocol.refresh).toBeUndefined();
  });

  it('pings, and a server has to answer', () => {
    expect(protocol.ping?.(false)).toBe('{"type":"ping"}');
    expect(protocol.answersPing).toBeUndefined();
  });

  it.each<GraphqlOutgoing>([
    { type: 'subscribe', id: '1', payload: { query: 'subscription { ticks }', variables: { from: 3 } } },
    { type: 'complete', id: '1' },
  ])('writes $type as it is', message => {
    expect(JSON.parse(protocol.write(message) as string)).toEqual(message);
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => {}],
    ['a symbol', Symbol('x')],
  ])('I14 refuses %s, which has no JSON form', (_name, message) => {
    expect(codeThrownBy(() => protocol.write(message as never))).toBe('invalid-message');
  });

  it.each([
    ['payload', { payload: 'Bearer abc' }],
    ['payload', { payload: null }],
    ['close', { close: { 4401: 'expired' } }],
  ])('I13 a %s that is no function is named when the protocol is made', (name, options) => {
    const make = () => graphqlTransportWs(options as never);
    expect(codeThrownBy(make)).toBe('invalid-option');
    expect(make).toThrow(`graphqlTransportWs: ${name} must be a function.`);
  });
});

describe('S3-F graphqlTransportWs: what arrives', () => {
  it.each<[string, unknown, Frame<unknown>]>([
    ['connection_ack', { type: 'connection_ack' }, { kind: 'ready' }],
    ['connection_ack with a payload', { type: 'connection_ack', payload: { a: 1 } }, { kind: 'ready' }],
    ['ping', { type: 'ping' }, { kind: 'reply', data: '{"type":"pong"}' }],
    [
      'ping with a payload, which comes back',
      { type: 'ping', payload: { message: 'keepalive' } },
      { kind: 'reply', data: '{"type":"pong","payload":{"message":"keepalive"}}' },
    ],
    [
      'ping with a payload that may not come back',
      { type: 'ping', payload: 'x' },
      { kind: 'reply', data: '{"type":"pong"}' },
    ],
    ['pong', { type: 'pong', payload: { a: 1 } }, { kind: 'pong' }],
    [
      'next',
      { type: 'next', id: 'ticks', payload: { data: { n: 1 } } },
      {
        kind: 'message',
        message: { type: 'next', id: 'ticks', payload: { data: { n: 1 } } },
        topic: 'ticks',
      },
    ],
    [
      'error, which is about an operation and not about the link',
      { type: 'error', id: 'ticks', payload: [{ message: 'Unauthorized: token expired' }] },
      { kind: 'message', message: expect.objectContaining({ type: 'error' }), topic: 'ticks' },
    ],
    [
      'complete',
      { type: 'complete', id: 'ticks' },
      { kind: 'message', message: { type: 'complete', id: 'ticks' }, topic: 'ticks' },
    ],
    [
      "Hasura's connection_error for an expired token",
      { type: 'connection_error', payload: 'Could not verify JWT: JWTExpired' },
      { kind: 'verdict', verdict: 'expired' },
    ],
    [
      'connection_error in its older form',
      { type: 'connection_error', payload: { message: 'token expired' } },
      { kind: 'verdict', verdict: 'expired' },
    ],
    [
      'connection_error for another reason',
      { type: 'connection_error', payload: 'Could not verify JWT: JWSError JWSInvalidSignature' },
      { kind: 'verdict', verdict: 'revoked' },
    ],
    [
      'connection_error without a word',
      { type: 'connection_error' },
      { kind: 'verdict', verdict: 'revoked' },
    ],
  ])('reads %s', (_name, frame, expected) => {
    expect(protocol.read(JSON.stringify(frame))).toEqual(expected);
  });

  it.each([
    '',
    'secret',
    '{"type":secret',
    'null',
    '7',
    '"secret"',
    '[]',
    '[{"type":"ping"}]',
    '{}',
    '{"type":7}',
    '{"type":"secret"}',
    '{"type":"next"}',
    '{"type":"next","id":7,"payload":"secret"}',
    '{"type":"complete","id":null}',
    '{"type":"error","id":["secret"]}',
    '{"type":"__proto__"}',
    '{"type":"constructor"}',
  ])('I01 I02 calls %j malformed and does not quote it', text => {
    const frame = protocol.read(text) as Frame<unknown>;
    expect(frame.kind).toBe('malformed');
    expect(JSON.stringify(frame)).not.toContain('secret');
  });

  it('I04 calls a binary frame malformed', () => {
    expect(protocol.read(new ArrayBuffer(3))).toMatchObject({ kind: 'malformed' });
  });

  it('X07 a ping with a hostile payload pollutes nothing', () => {
    const text =
      '{"type":"ping","payload":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}';
    expect((protocol.read(text) as Frame<unknown>).kind).toBe('reply');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('X08 a connection_error of a megabyte is read in no time', () => {
    const text = JSON.stringify({ type: 'connection_error', payload: 'x'.repeat(1_000_000) });
    const since = performance.now();
    expect(protocol.read(text)).toEqual({ kind: 'verdict', verdict: 'revoked' });
    expect(performance.now() - since).toBeLessThan(50);
  });

  it('I02 survives whatever is JSON', () => {
    const types = fc.constantFrom(
      'connection_ack',
      'ping',
      'pong',
      'next',
      'error',
      'complete',
      'connection_error',
    );
    const frames = fc.oneof(
      fc.jsonValue(),
      fc.record({ type: types, id: fc.jsonValue(), payload: fc.jsonValue() }, { requiredKeys: ['type'] }),
    );
    fc.assert(
      fc.property(frames, frame => {
        const { kind } = protocol.read(JSON.stringify(frame)) as Frame<unknown>;
        expect(['ready', 'reply', 'pong', 'message', 'verdict', 'malformed']).toContain(kind);
      }),
    );
  });
});

describe('S3-F graphqlTransportWs: how a link ends', () => {
  it.each<[number, string, Verdict]>([
    [1000, '', 'ambiguous'],
    [1001, 'Going away', 'going-away'],
    [1002, '', 'protocol'],
    [1005, '', 'ambiguous'],
    [1006, '', 'ambiguous'],
    [1008, '', 'ambiguous'],
    [1008, 'token expired', 'expired'],
    [1011, '', 'ambiguous'],
    [1012, 'shutting server down', 'going-away'],
    [1013, '', 'limit'],
    [1014, '', 'ambiguous'],
    [4000, '', 'ambiguous'],
    [4004, 'Bad response', 'ambiguous'],
    [4005, 'Internal client error', 'ambiguous'],
    [4400, 'Invalid message received', 'protocol'],
    [4401, 'Unauthorized', 'expired'],
    [4401, '', 'expired'],
    [4403, 'Forbidden', 'revoked'],
    [4406, 'Subprotocol not acceptable', 'protocol'],
    [4408, 'Connection initialisation timeout', 'going-away'],
    [4409, 'Subscriber for 7 already exists', 'going-away'],
    [4409, 'Subscriber for expired already exists', 'going-away'],
    [4429, 'Too many initialisation requests', 'limit'],
    [4499, 'Terminated', 'ambiguous'],
    [4500, 'Internal server error', 'ambiguous'],
    // What `onConnect` threw, as graphql-ws writes it outside production.
    [4500, 'jwt expired', 'expired'],
    [4504, 'Connection acknowledgement timeout', 'ambiguous'],
    [4999, '', 'ambiguous'],
    // Hasura.
    [4403, '{"server_error_msg":"4403: Forbidden"}', 'revoked'],
    [
      4400,
      '{"server_error_msg":"4400: Connection initialization failed: Could not verify JWT: JWTExpired"}',
      'expired',
    ],
    [
      1000,
      '{"server_error_msg":"4400: Connection initialization failed: Malformed Authorization header"}',
      'revoked',
    ],
    [4400, '{"server_error_msg":"4400: Parsing client message failed: not enough input"}', 'protocol'],
    [4409, '{"server_error_msg":"4409: Subscriber for 1 already exists"}', 'going-away'],
  ])('%i %j means %s', (code, reason, verdict) => {
    expect(protocol.judgeClose({ code, reason, phase: 'open', lastVerdict: null })).toBe(verdict);
  });

  it('lets connection_error stand for the close behind it', () => {
    expect(
      protocol.judgeClose({ code: 4400, reason: '', phase: 'authenticating', lastVerdict: 'expired' }),
    ).toBe('expired');
  });

  it('S15 no code of the application range means anything by itself', () => {
    const known = [4400, 4401, 4403, 4406, 4408, 4409, 4429];
    fc.assert(
      fc.property(fc.integer({ min: 3000, max: 4999 }), code => {
        fc.pre(!known.includes(code));
        expect(protocol.judgeClose({ code, reason: '', phase: 'open', lastVerdict: null })).toBe('ambiguous');
      }),
    );
  });

  it('X08 a reason of a megabyte is not read', () => {
    const reason = `{"server_error_msg":"${'expired '.repeat(131_072)}"}`;
    const since = performance.now();
    expect(protocol.judgeClose({ code: 1000, reason, phase: 'open', lastVerdict: null })).toBe('ambiguous');
    expect(performance.now() - since).toBeLessThan(50);
  });

  it('lets the application judge instead, for all codes or for one', () => {
    const facts = { reason: '', phase: 'open', lastVerdict: null } as const;
    const own = graphqlTransportWs({ close: closeTable({ 4403: 'forbidden' }) });
    expect(own.judgeClose({ ...facts, code: 4403 })).toBe('forbidden');
    expect(own.judgeClose({ ...facts, code: 4401 })).toBe('ambiguous');
    const one = graphqlTransportWs({
      close: close => (close.code === 4403 ? 'forbidden' : graphqlTransportWs().judgeClose(close)),
    });
    expect(one.judgeClose({ ...facts, code: 4403 })).toBe('forbidden');
    expect(one.judgeClose({ ...facts, code: 4401 })).toBe('expired');
  });
});

describe('graphqlTransportWs: types', () => {
  it('a client knows what it sends and what it gets, also by the id of an operation', () => {
    const socket = createAuthSocket({ url: 'wss://api.test/graphql', protocol: graphqlTransportWs() });
    expectTypeOf(socket).toEqualTypeOf<AuthSocket<GraphqlIncoming, GraphqlOutgoing>>();
    const id: string = 'ticks';
    socket.onMessage(message => expectTypeOf(message).toEqualTypeOf<GraphqlIncoming>(), { topic: id });
    const begin = () => [
      socket.send({ type: 'subscribe', id, payload: { query: '{ a }', variables: { n: 1 } } }),
      socket.send({ type: 'complete', id }),
      // @ts-expect-error an operation has a query
      socket.send({ type: 'subscribe', id, payload: {} }),
      // @ts-expect-error these frames are the dialect's own
      socket.send({ type: 'connection_init' }),
    ];
    expect(begin).toBeTypeOf('function');
    socket.destroy();
  });

  it('an application may name its own', () => {
    interface Tick {
      type: 'next';
      id: 'ticks';
      payload: { data: { n: number } };
    }
    const socket = createAuthSocket({ url: 'wss://api.test/graphql', protocol: graphqlTransportWs<Tick>() });
    expectTypeOf(socket).toEqualTypeOf<AuthSocket<Tick, GraphqlOutgoing>>();
    socket.destroy();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { subprotocol } from '../../src/protocols';
import { phoenix, type PhoenixMessage } from '../../src/protocols/phoenix';
import type { CloseFacts, Frame } from '../../src/protocols/protocol';
import { thrownBy } from './thrownBy';

const protocol = phoenix({ topics: ['realtime:room', 'realtime:news'] });
const parsed = (frames: unknown) => [frames].flat().map(frame => JSON.parse(frame as string) as unknown);
const read = (...frame: unknown[]) => protocol.read(JSON.stringify(frame));
const bytes = (...parts: (number | string)[]) =>
  new Uint8Array(
    parts.flatMap(part => (typeof part === 'number' ? [part] : [...new TextEncoder().encode(part)])),
  ).buffer;

describe('phoenix: what leaves', () => {
  it('joins every topic with the token in the payload', () => {
    expect(parsed(protocol.hello?.('abc'))).toEqual([
      ['~join', '~join:first', 'realtime:room', 'phx_join', { access_token: 'abc' }],
      ['~join', '~join', 'realtime:news', 'phx_join', { access_token: 'abc' }],
    ]);
    expect(protocol.waitsForReady).toBe(true);
  });

  it('adds the token to what the application wants in a join, and leaves it out of a session without one', () => {
    const named = phoenix({
      topics: () => ['a'],
      join: topic => ({ config: { topic }, user_token: 'overwritten' }),
      tokenField: 'user_token',
    });
    expect(parsed(named.hello?.('abc'))).toEqual([
      ['~join', '~join:first', 'a', 'phx_join', { config: { topic: 'a' }, user_token: 'abc' }],
    ]);
    expect(parsed(phoenix({ topics: ['a'] }).hello?.(''))).toEqual([
      ['~join', '~join:first', 'a', 'phx_join', {}],
    ]);
  });

  it('has nothing to say without topics', () => {
    expect(phoenix().hello?.('abc')).toBeNull();
  });

  it('pushes a fresh token to every topic, and a heartbeat behind it', () => {
    expect(parsed(protocol.refresh?.('new', 7))).toEqual([
      ['~join', '~token', 'realtime:room', 'access_token', { access_token: 'new' }],
      ['~join', '~token', 'realtime:news', 'access_token', { access_token: 'new' }],
      [null, '~refresh:7', 'phoenix', 'heartbeat', {}],
    ]);
  });

  it('sends the heartbeat of Phoenix', () => {
    expect(parsed(protocol.ping?.(false))).toEqual([[null, '~ping', 'phoenix', 'heartbeat', {}]]);
  });

  it('writes a push as the array of the serializer 2.0.0', () => {
    const push = { topic: 'realtime:room', event: 'broadcast', payload: { n: 1 } };
    expect(parsed(protocol.write(push))).toEqual([['~join', null, 'realtime:room', 'broadcast', { n: 1 }]]);
    expect(parsed(protocol.write({ ...push, ref: '5', joinRef: null }))).toEqual([
      [null, '5', 'realtime:room', 'broadcast', { n: 1 }],
    ]);
    expect(parsed(protocol.write({ topic: 'phoenix', event: 'heartbeat' }))).toEqual([
      [null, null, 'phoenix', 'heartbeat', {}],
    ]);
  });

  it('I04 writes a binary payload as a binary push', () => {
    const frame = bytes(0, 5, 1, 4, 2, '~join', '9', 'room', 'up', 1, 2);
    const push = { topic: 'room', event: 'up', ref: '9' };
    expect(protocol.write({ ...push, payload: new Uint8Array([0, 1, 2]).subarray(1) })).toStrictEqual(frame);
    expect(protocol.write({ ...push, payload: new Uint8Array([1, 2]).buffer })).toStrictEqual(frame);
    const long = { topic: 'ä'.repeat(128), event: 'up', payload: new ArrayBuffer(1) };
    expect(thrownBy(() => protocol.write(long))).toMatch(/^invalid-message .*255 bytes/);
  });

  it.each([null, undefined, 'text', {}, { topic: 'a' }, { topic: '', event: 'b' }, { topic: 'a', event: 1 }])(
    'I14 refuses %j, which is no push',
    message => {
      expect(thrownBy(() => protocol.write(message as never))).toMatch(/^invalid-message /);
    },
  );
});

describe('phoenix: where it dials', () => {
  const prepare = async (dialect: typeof protocol, address: string) => {
    const dial = { url: new URL(address), token: 'abc', signal: new AbortController().signal };
    const answer = await dialect.prepare?.(dial);
    return answer && 'url' in answer ? { ...answer, url: answer.url.href } : answer;
  };

  it('asks for the serializer 2.0.0 and leaves the rest of the address alone', async () => {
    const address = 'wss://x.supabase.co/realtime/v1/websocket?apikey=public&vsn=1.0.0';
    expect(await prepare(protocol, address)).toEqual({
      url: 'wss://x.supabase.co/realtime/v1/websocket?apikey=public&vsn=2.0.0',
    });
  });

  it('presents the token as authToken of Phoenix does, where a carrier says so', async () => {
    const carried = phoenix({
      topics: ['room'],
      carrier: subprotocol({ accept: 'phoenix', prefix: 'base64url.bearer.phx.' }),
    });
    expect(await prepare(carried, 'ws://localhost/socket/websocket')).toEqual({
      url: 'ws://localhost/socket/websocket?vsn=2.0.0',
      protocols: ['phoenix', 'base64url.bearer.phx.YWJj'],
    });
    expect(parsed(carried.hello?.('abc'))).toEqual([['~join', '~join:first', 'room', 'phx_join', {}]]);
    expect(carried.refresh).toBeUndefined();
  });

  it('does not dial without what the carrier fetches', async () => {
    const refusal = { kind: 'unavailable' } as never;
    const carried = phoenix({ carrier: { prepare: () => refusal } });
    expect(await prepare(carried, 'ws://localhost/')).toBe(refusal);
  });

  it('refuses topics that a function answers with and that cannot be joined', async () => {
    const broken = phoenix({ topics: () => ['a', ''] });
    await expect(prepare(broken, 'ws://localhost/')).rejects.toThrow(/topics must be/);
  });
});

describe('phoenix: options', () => {
  it.each([
    ['topics', { topics: 'room' as never }],
    ['topics', { topics: ['room', 7 as never] }],
    ['topics', { topics: ['room', 'room'] }],
    ['topics', { topics: ['phoenix'] }],
    ['join', { join: {} as never }],
    ['tokenField', { tokenField: '' }],
    ['carrier', { carrier: { hello: () => 'hi' } }],
  ])('I13 refuses a wrong %s by its name', (name, options) => {
    expect(thrownBy(() => phoenix(options))).toMatch(new RegExp(`^invalid-option phoenix: ${name} `));
  });
});

const joinRefused = (reason: unknown, ref = '~join:first', topic = 'realtime:room') =>
  read('~join', ref, topic, 'phx_reply', { status: 'error', response: { reason } });

describe('S3-F phoenix: what the reason of a refused join means', () => {
  it.each([
    ['InvalidJWTToken: Token has expired 10 seconds ago', 'expired'],
    ['Token has expired 10 seconds ago', 'expired'],
    ['Access token has expired', 'expired'],
    ['InvalidJWTToken: Fields `role` and `exp` are required in JWT', 'revoked'],
    ['InvalidJWTToken: Token expiration time is invalid', 'revoked'],
    ['MalformedJWT: The token provided is not a valid JWT', 'revoked'],
    ['JwtSignatureError: Failed to validate JWT signature', 'revoked'],
    ['JwtSignerError: Failed to generate JWT signer, check your JWT secret or JWKS configuration', 'revoked'],
    ['unauthorized', 'revoked'],
    ['invalid_token', 'revoked'],
    ['Unauthorized: You do not have permissions to read from this Channel topic: a', 'forbidden'],
    ['PrivateOnly: This project only allows private channels', 'forbidden'],
    ['TenantNotFound: Tenant with the given ID does not exist', 'forbidden'],
    ['RealtimeDisabledForTenant: Realtime disabled for this tenant', 'forbidden'],
    ['TopicNameRequired: You must provide a topic name', 'forbidden'],
    ['forbidden', 'forbidden'],
    ['ChannelRateLimitReached: Too many channels', 'limit'],
    ['ConnectionRateLimitReached: Too many connected users', 'limit'],
    ['ClientJoinRateLimitReached: Too many joins per second', 'limit'],
    ['DatabaseConnectionRateLimitReached: Too many database connections attempts per second', 'limit'],
    ['IncreaseConnectionPool: Please increase your connection pool size', 'limit'],
    ["DatabaseLackOfConnections: Database can't accept more connections", 'limit'],
    ['RealtimeRestarting: Realtime is restarting, please standby', 'going-away'],
    ['InitializingProjectConnection: Connecting to the project database', 'going-away'],
    ['UnableToConnectToProject: Realtime was unable to connect to the project database', 'going-away'],
    ['TimeoutOnRpcCall: Node request timeout', 'going-away'],
    ['Realtime was unable to connect to the project database', 'going-away'],
    ['unmatched topic', 'protocol'],
    ['join crashed', 'ambiguous'],
    ['Unknown Error on Channel', 'ambiguous'],
    ['', 'ambiguous'],
    [7, 'ambiguous'],
    [null, 'ambiguous'],
    ['__proto__', 'ambiguous'],
    ['toString', 'ambiguous'],
  ])('%j means %s', (reason, verdict) => {
    expect(joinRefused(reason)).toEqual({ kind: 'refused', verdict });
  });

  it('lets the application name its own', () => {
    const own = phoenix({ topics: ['a'], verdicts: { banned: 'forbidden', 4001: 'revoked' } });
    const reply = { status: 'error', response: { reason: 'banned' } };
    expect(own.read(JSON.stringify(['~join', '~join:first', 'a', 'phx_reply', reply]))).toEqual({
      kind: 'refused',
      verdict: 'forbidden',
    });
    expect(own.judgeClose({ code: 4001, reason: '', phase: 'open', lastVerdict: null })).toBe('revoked');
  });

  it('X08 a reason of a megabyte is not read', () => {
    expect(joinRefused('expired '.repeat(131_072))).toEqual({ kind: 'refused', verdict: 'ambiguous' });
  });
});

describe('phoenix: what arrives', () => {
  const message = (...[joinRef, ref, topic, event, payload]: unknown[]) => ({
    kind: 'message',
    message: { joinRef, ref, topic, event, payload },
    topic,
  });

  it('is ready when the first topic is joined, and hands over what each join was answered with', () => {
    const answer = { status: 'ok', response: { postgres_changes: [{ id: 1 }] } };
    expect(read('~join', '~join:first', 'realtime:room', 'phx_reply', answer)).toEqual([
      { kind: 'ready' },
      message('~join', '~join:first', 'realtime:room', 'phx_reply', answer),
    ]);
    expect(read('~join', '~join', 'realtime:news', 'phx_reply', answer)).toEqual(
      message('~join', '~join', 'realtime:news', 'phx_reply', answer),
    );
  });

  it.each([
    ['Token has expired 1 seconds ago', 'expired'],
    ['JwtSignatureError: Failed to validate JWT signature', 'revoked'],
    ['join crashed', 'going-away'],
    ['InitializingProjectConnection: Connecting to the project database', 'going-away'],
  ])('S3-F gives the link up when another topic is refused with %j: %s', (reason, verdict) => {
    const frames = joinRefused(reason, '~join', 'realtime:news') as Frame<unknown>[];
    expect(frames[0]).toMatchObject({ kind: 'message', topic: 'realtime:news' });
    expect(frames[1]).toEqual({ kind: 'verdict', verdict });
    expect(frames).toHaveLength(2);
  });

  it.each([
    'Unauthorized: You do not have permissions to read from this Channel topic: news',
    'ChannelRateLimitReached: Too many channels',
    'unmatched topic',
  ])('S3-F goes on without another topic that is refused with %j', reason => {
    expect(joinRefused(reason, '~join', 'realtime:news')).toMatchObject({ kind: 'message' });
  });

  it('takes the answer to the heartbeat behind a token for its arrival', () => {
    const ok = { status: 'ok', response: {} };
    expect(read(null, '~refresh:7', 'phoenix', 'phx_reply', ok)).toEqual({ kind: 'refreshed', id: 7 });
    expect(read(null, '~ping', 'phoenix', 'phx_reply', ok)).toEqual({ kind: 'pong' });
  });

  it('hears what a channel answers to a token, where it does', () => {
    const answer = (payload: unknown) => read('~join', '~token', 'realtime:room', 'phx_reply', payload);
    expect(answer({ status: 'ok', response: {} })).toEqual({ kind: 'ignore' });
    expect(answer({ status: 'error', response: { reason: 'unmatched topic' } })).toEqual({ kind: 'ignore' });
    expect(answer({ status: 'error', response: { reason: 'busy' } })).toMatchObject({ kind: 'message' });
    expect(answer({ status: 'error', response: { reason: 'token_expired' } })).toMatchObject([
      { kind: 'message' },
      { kind: 'verdict', verdict: 'expired' },
    ]);
  });

  it.each([
    ['Token has expired 0 seconds ago', 'expired'],
    ['Access token has expired', 'expired'],
    ['Fields `role` and `exp` are required in JWT', 'revoked'],
    ['The token provided is not a valid JWT', 'revoked'],
    [':signature_error', 'revoked'],
    ['You no longer have permission to read from this Channel topic: room', 'forbidden'],
    ['Too many messages per second', 'limit'],
    ['Client presence rate limit exceeded', 'limit'],
    ['Realtime was unable to connect to the project database', 'going-away'],
  ])('S3-F a channel that ends with the system error %j: %s', (text, verdict) => {
    const payload = { extension: 'system', status: 'error', message: text, channel: 'room' };
    expect(read('~join', null, 'realtime:room', 'system', payload)).toEqual([
      message('~join', null, 'realtime:room', 'system', payload),
      { kind: 'verdict', verdict },
    ]);
  });

  it.each([
    ['is fine', { extension: 'system', status: 'ok', message: 'Replication connection established' }],
    ['is about the database', { extension: 'postgres_changes', status: 'error', message: 'JWT expired' }],
    ['says nothing known', { extension: 'system', status: 'error', message: 'Track message size exceeded' }],
    ['is not an object', null],
  ])('takes a system message that %s as a message', (_name, payload) => {
    expect(read('~join', null, 'realtime:room', 'system', payload)).toEqual(
      message('~join', null, 'realtime:room', 'system', payload),
    );
  });

  it.each(['phx_error', 'phx_close'])('S3-F replaces a link that lost one of its channels: %s', event => {
    expect(read('~join', '~join', 'realtime:news', event, {})).toEqual([
      message('~join', '~join', 'realtime:news', event, {}),
      { kind: 'verdict', verdict: 'going-away' },
    ]);
  });

  it.each([
    ['a channel of the application', ['4', '4', 'realtime:room', 'phx_close', {}]],
    ['a topic that was taken off the list', ['~join', '~join', 'realtime:old', 'phx_close', {}]],
    ['an answer to the application', ['~join', '5', 'realtime:room', 'phx_reply', { status: 'error' }]],
    ['a broadcast', [null, null, 'realtime:room', 'broadcast', { event: 'x' }]],
    ['an event without payload', [null, null, 'realtime:room', 'x', undefined]],
  ])('leaves %s to the application', (_name, frame) => {
    expect(read(...frame)).toMatchObject({ kind: 'message', topic: frame[2] });
  });
});

describe('phoenix: binary frames', () => {
  const payloadOf = (data: ArrayBuffer) => protocol.read(data) as { message: PhoenixMessage };

  it('I04 reads a push, a reply and a broadcast', () => {
    expect(payloadOf(bytes(0, 1, 4, 2, '3', 'room', 'up', 7, 8)).message).toStrictEqual({
      topic: 'room',
      event: 'up',
      payload: bytes(7, 8),
      ref: null,
      joinRef: '3',
    });
    expect(payloadOf(bytes(1, 1, 1, 4, 2, '3', '4', 'room', 'ok', 7)).message).toStrictEqual({
      topic: 'room',
      event: 'phx_reply',
      payload: { status: 'ok', response: bytes(7) },
      ref: '4',
      joinRef: '3',
    });
    expect(payloadOf(bytes(2, 4, 2, 'room', 'up', 7)).message).toStrictEqual({
      topic: 'room',
      event: 'up',
      payload: bytes(7),
      ref: null,
      joinRef: null,
    });
  });

  it("reads a user's broadcast of Supabase, JSON or not, as its own client does", () => {
    const json = bytes(4, 4, 3, 9, 1, 'room', 'cur', '{"id":"a"}'.slice(0, 9), '{"x":1}');
    expect(protocol.read(json)).toStrictEqual({ kind: 'malformed', why: 'a broadcast that is not JSON' });
    expect(payloadOf(bytes(4, 4, 3, 10, 1, 'room', 'cur', '{"id":"a"}', '{"x":1}')).message).toStrictEqual({
      topic: 'room',
      event: 'broadcast',
      payload: { type: 'broadcast', event: 'cur', payload: { x: 1 }, meta: { id: 'a' } },
      ref: null,
      joinRef: null,
    });
    expect(payloadOf(bytes(4, 4, 3, 0, 0, 'room', 'cur', 5, 6)).message.payload).toStrictEqual({
      type: 'broadcast',
      event: 'cur',
      payload: bytes(5, 6),
    });
  });

  it.each([
    ['an empty one', bytes()],
    ['one of an unknown kind', bytes(9, 1, 1)],
    ['one that only a server takes', bytes(3, 1, 1, 1, 1, 1, 1)],
    ['one that ends too soon', bytes(2, 200, 2, 'room')],
    ['one that is only its kind', bytes(1)],
  ])('I02 calls %s malformed', (_name, data) => {
    expect(protocol.read(data)).toMatchObject({ kind: 'malformed' });
  });

  it('I02 survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), data => {
        const frames = [protocol.read(data.slice().buffer)].flat() as Frame<unknown>[];
        expect(frames.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('phoenix: hostile frames', () => {
  it.each([
    '',
    'secret',
    '{"topic":"secret"}',
    'null',
    '7',
    '[]',
    '[1,2,3]',
    '[null,null,"a"]',
    '["","","a",1]',
  ])('I01 calls %j malformed and does not quote it', text => {
    const frame = protocol.read(text);
    expect(frame).toMatchObject({ kind: 'malformed' });
    expect(JSON.stringify(frame)).not.toContain('secret');
  });

  it('I02 X07 survives every payload in every place and pollutes nothing', () => {
    const event = fc.constantFrom('phx_reply', 'phx_error', 'phx_close', 'system', 'x');
    const ref = fc.oneof(
      fc.constantFrom('~join', '~join:first', '~token', '~refresh:', '~ping'),
      fc.jsonValue(),
    );
    const payload = fc.oneof(
      fc.jsonValue(),
      fc.record({ status: fc.jsonValue(), response: fc.jsonValue(), message: fc.jsonValue() }),
      fc.constant(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')),
    );
    fc.assert(
      fc.property(
        fc.jsonValue(),
        ref,
        fc.constantFrom('realtime:room', 'phoenix'),
        event,
        payload,
        (...frame) => {
          expect([read(...frame)].flat().length).toBeGreaterThan(0);
        },
      ),
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('I03 X08 reads a message of a megabyte, and one that is not JSON, quickly', () => {
    const text = 'x'.repeat(1_048_576);
    const startedAt = performance.now();
    expect(read(null, null, 'realtime:room', 'x', { text })).toMatchObject({ kind: 'message' });
    expect(protocol.read(text)).toMatchObject({ kind: 'malformed' });
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('S3-F phoenix: what a close means', () => {
  const judge = (facts: Partial<CloseFacts>) =>
    protocol.judgeClose({ code: 1006, reason: '', phase: 'open', lastVerdict: null, ...facts });

  it.each([
    // Of a proxy, or of Cowboy after a "disconnect" broadcast.
    [1000, 'ambiguous'],
    [1001, 'going-away'],
    // Of Bandit, to a socket that was silent for too long.
    [1002, 'ambiguous'],
    [1005, 'ambiguous'],
    [1006, 'ambiguous'],
    // Of Bandit after a "disconnect" broadcast.
    [1011, 'ambiguous'],
    // Of a server that drains.
    [1012, 'going-away'],
    [1013, 'limit'],
    [4401, 'ambiguous'],
  ])('%i: %s', (code, verdict) => {
    expect(judge({ code })).toBe(verdict);
  });

  it('says what the frame before it said', () => {
    expect(judge({ code: 1000, lastVerdict: 'expired' })).toBe('expired');
  });
});

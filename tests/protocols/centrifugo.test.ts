import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centrifugo } from '../../src/protocols/centrifugo';
import type { CloseFacts } from '../../src/protocols/protocol';
import { thrownBy } from './thrownBy';

const protocol = centrifugo();
const read = (...replies: unknown[]) =>
  centrifugo().read(replies.map(reply => JSON.stringify(reply)).join('\n'));
const REFRESH_BASE = 2_147_483_648;

describe('centrifugo: what leaves', () => {
  it('connects with the token, and without one where a cookie is the credential', () => {
    expect(protocol.hello?.('abc')).toBe('{"id":1,"connect":{"token":"abc"}}');
    expect(protocol.hello?.('')).toBe('{"id":1,"connect":{}}');
    expect(protocol.waitsForReady).toBe(true);
  });

  it('adds what the application wants to say', () => {
    const named = centrifugo({ connect: () => ({ name: 'app', token: 'overwritten' }) });
    expect(JSON.parse(named.hello?.('abc') as string)).toEqual({
      id: 1,
      connect: { name: 'app', token: 'abc' },
    });
  });

  it('refreshes under ids that the application does not use', () => {
    expect(JSON.parse(protocol.refresh?.('new', 3) as string)).toEqual({
      id: REFRESH_BASE + 3,
      refresh: { token: 'new' },
    });
  });

  it('refreshes nothing where the server does so itself', () => {
    expect(centrifugo({ clientSideRefresh: false }).refresh?.('new', 3)).toEqual([]);
  });

  it("leaves the pinging to the server and knows the server's interval", () => {
    expect(protocol.ping).toBeUndefined();
    expect(protocol.serverPingMs).toBe(25_000);
    expect(centrifugo({ serverPingMs: 5_000 }).serverPingMs).toBe(5_000);
  });

  it('passes commands through', () => {
    expect(protocol.write({ id: 2, subscribe: { channel: 'news' } })).toBe(
      '{"id":2,"subscribe":{"channel":"news"}}',
    );
    expect(protocol.write({ send: { data: 1 } })).toBe('{"send":{"data":1}}');
  });

  it.each([
    undefined,
    null,
    'text',
    [],
    [{ id: 2 }],
    {},
    { subscribe: { channel: 'a' } },
    { id: 0, subscribe: {} },
    { id: 1, subscribe: {} },
    { id: 2.5, subscribe: {} },
    { id: '2', subscribe: {} },
    { id: REFRESH_BASE, subscribe: {} },
  ])('I14 refuses %j, which the server would take for something else', command => {
    expect(thrownBy(() => protocol.write(command as never))).toMatch(/^invalid-message /);
  });
});

describe('centrifugo: options', () => {
  it.each([
    ['connect', { connect: {} as never }],
    ['clientSideRefresh', { clientSideRefresh: 'no' as never }],
    ...[0, -1, NaN, Infinity, '25' as never].map(serverPingMs => ['serverPingMs', { serverPingMs }] as const),
  ] as const)('I13 refuses a wrong %s by its name', (name, options) => {
    expect(thrownBy(() => centrifugo(options))).toMatch(new RegExp(`^invalid-option centrifugo: ${name} `));
  });
});

describe('centrifugo: what arrives', () => {
  it('is ready with the life that the server gives the connection, and hands the rest over', () => {
    const reply = { id: 1, connect: { client: 'c', expires: true, ttl: 60, ping: 25, pong: true } };
    expect(read(reply)).toEqual([
      { kind: 'ready', expiresInMs: 60_000 },
      { kind: 'message', message: reply },
    ]);
  });

  it.each([{ expires: false, ttl: 60 }, { ttl: 60 }, { expires: true }, { expires: true, ttl: -1 }, {}])(
    'I02 knows no end from %j',
    connect => {
      expect(read({ id: 1, connect })).toMatchObject([{ kind: 'ready', expiresInMs: undefined }, {}]);
    },
  );

  it('hears that a token was taken, and for how long', () => {
    expect(read({ id: REFRESH_BASE + 3, refresh: { expires: true, ttl: 60 } })).toEqual([
      { kind: 'refreshed', id: 3, expiresInMs: 60_000 },
    ]);
    expect(read({ id: REFRESH_BASE + 3, refresh: {} })).toEqual([
      { kind: 'refreshed', id: 3, expiresInMs: undefined },
    ]);
  });

  it("answers the server's ping at once, until a server says that it wants no answer", () => {
    const dialect = centrifugo();
    const hear = (reply: unknown) => dialect.read(JSON.stringify(reply));
    expect(hear({})).toEqual([{ kind: 'reply', data: '{}' }]);
    hear({ id: 1, connect: { client: 'c', ping: 25 } });
    expect(hear({})).toEqual([{ kind: 'ignore' }]);
    hear({ id: 1, connect: { client: 'c', ping: 25, pong: true } });
    expect(hear({})).toEqual([{ kind: 'reply', data: '{}' }]);
  });

  it('reads several replies of one frame in their order', () => {
    const [first, second] = [1, 2].map(n => ({ push: { channel: 'news', pub: { data: n } } }));
    expect(protocol.read(`${JSON.stringify(first)}\n{}\n\n{broken\n${JSON.stringify(second)}\n`)).toEqual([
      { kind: 'message', message: first, topic: 'news' },
      { kind: 'reply', data: '{}' },
      { kind: 'malformed', why: 'not JSON' },
      { kind: 'message', message: second, topic: 'news' },
    ]);
    expect(protocol.read('')).toEqual([]);
  });

  it.each([
    ['a publication', { push: { channel: 'news', pub: { data: 1 } } }, 'news'],
    ['a join', { push: { channel: 'news', join: { info: {} } } }, 'news'],
    [
      'the end of a subscription',
      { push: { channel: 'news', unsubscribe: { code: 2500, reason: '' } } },
      'news',
    ],
    ['a message without a channel', { push: { message: { data: 1 } } }, undefined],
    ['an answer', { id: 2, subscribe: { recoverable: true } }, undefined],
    ['a refused subscription', { id: 2, error: { code: 109, message: 'token expired' } }, undefined],
    ['an answer under the largest id of an application', { id: REFRESH_BASE - 1, rpc: {} }, undefined],
  ])('leaves %s to the application', (_name, reply, topic) => {
    const message = { kind: 'message', message: reply };
    expect(read(reply)).toEqual([topic === undefined ? message : { ...message, topic }]);
  });
});

describe('S3-F centrifugo: what the error code of a refused token means', () => {
  it.each([
    [5, false, 'limit'],
    [100, true, 'limit'],
    [101, false, 'revoked'],
    [102, false, 'forbidden'],
    [103, false, 'forbidden'],
    [104, false, 'protocol'],
    [105, false, 'protocol'],
    [106, false, 'limit'],
    [107, false, 'protocol'],
    [108, false, 'protocol'],
    [109, false, 'expired'],
    [110, false, 'expired'],
    [111, true, 'limit'],
    [112, false, 'limit'],
    [113, false, 'revoked'],
    // Of a connect proxy.
    [1001, false, 'forbidden'],
    [1001, true, 'limit'],
    ['109', false, 'ambiguous'],
    [undefined, false, 'ambiguous'],
  ])('%s, temporary %s: %s', (code, temporary, verdict) => {
    const error = { code, message: '', temporary };
    expect(read({ id: 1, error })).toEqual([{ kind: 'refused', verdict }]);
    expect(read({ id: REFRESH_BASE + 4, error })).toEqual([{ kind: 'refused', id: 4, verdict }]);
  });

  it('lets the application name its own', () => {
    const own = centrifugo({ verdicts: { 1001: 'revoked', 101: 'forbidden' } });
    for (const [code, verdict] of [
      [1001, 'revoked'],
      [101, 'forbidden'],
    ] as const) {
      expect(own.read(JSON.stringify({ id: 1, error: { code } }))).toEqual([{ kind: 'refused', verdict }]);
    }
  });
});

describe('S3-F centrifugo: what a disconnect code means', () => {
  const judge = (code: number, facts: Partial<CloseFacts> = {}, dialect = protocol) =>
    dialect.judgeClose({ code, reason: '', phase: 'open', lastVerdict: null, ...facts });

  const rows: [number, string, string][] = [
    [3000, 'connection closed', 'going-away'],
    [3001, 'shutdown', 'going-away'],
    [3004, 'internal server error', 'going-away'],
    [3005, 'connection expired', 'expired'],
    [3006, 'subscription expired', 'going-away'],
    [3008, 'slow', 'going-away'],
    [3009, 'write error', 'going-away'],
    [3010, 'insufficient state', 'going-away'],
    [3011, 'force reconnect', 'going-away'],
    [3012, 'no pong', 'going-away'],
    [3013, 'too many requests', 'limit'],
    [3014, 'state invalidated', 'revoked'],
    [3499, '', 'going-away'],
    [3500, 'invalid token', 'revoked'],
    [3501, 'bad request', 'protocol'],
    [3502, 'stale', 'going-away'],
    [3503, 'force disconnect', 'forbidden'],
    [3504, 'connection limit', 'limit'],
    [3505, 'channel limit', 'forbidden'],
    [3506, 'inappropriate protocol', 'protocol'],
    [3507, 'permission denied', 'forbidden'],
    [3508, 'not available', 'protocol'],
    [3509, 'too many errors', 'protocol'],
    [3999, '', 'forbidden'],
    [4000, 'come back', 'going-away'],
    [4499, '', 'going-away'],
    [4500, 'token expired', 'forbidden'],
    [4999, '', 'forbidden'],
  ];

  it.each(rows)('%i %s: %s', (code, reason, verdict) => {
    expect(judge(code, { reason })).toBe(verdict);
    expect(read({ push: { disconnect: { code, reason } } })).toEqual([{ kind: 'verdict', verdict }]);
  });

  it.each([
    [1000, 'ambiguous'],
    [1001, 'going-away'],
    [1005, 'ambiguous'],
    [1006, 'ambiguous'],
    [1008, 'ambiguous'],
    [1012, 'going-away'],
    [1013, 'limit'],
  ])('%i, which is not of Centrifugo: %s', (code, verdict) => {
    expect(judge(code)).toBe(verdict);
  });

  it('says what a disconnect push before it said', () => {
    expect(judge(1006, { lastVerdict: 'expired' })).toBe('expired');
  });

  it('lets the application name its own, and read known ones in another way', () => {
    const own = centrifugo({ verdicts: { 4501: 'revoked', 3503: 'revoked', 1000: 'going-away' } });
    expect(judge(4501, {}, own)).toBe('revoked');
    expect(judge(3503, {}, own)).toBe('revoked');
    expect(judge(1000, {}, own)).toBe('going-away');
    expect(judge(3505, {}, own)).toBe('forbidden');
  });

  it('I02 cannot tell what a push without a code means', () => {
    for (const disconnect of [{}, { code: '3001' }, true, [3001]]) {
      expect(read({ push: { disconnect } })).toEqual([{ kind: 'verdict', verdict: 'ambiguous' }]);
    }
  });
});

describe('centrifugo: hostile frames', () => {
  it.each(['secret', '{"id":secret}', '\u0000'])('I01 calls %j malformed and does not quote it', text => {
    expect(protocol.read(text)).toEqual([{ kind: 'malformed', why: 'not JSON' }]);
  });

  it.each(['null', '7', '"secret"', 'true', '[]', '[{}]'])('I02 calls %s malformed', text => {
    expect(protocol.read(text)).toEqual([{ kind: 'malformed', why: 'not an object' }]);
  });

  it('I04 calls binary frames malformed', () => {
    expect(protocol.read(new ArrayBuffer(3))).toMatchObject({ kind: 'malformed' });
  });

  it('I02 X07 survives every value in every place and pollutes nothing', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constant(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')),
    );
    const id = fc.oneof(fc.constantFrom(1, REFRESH_BASE + 1), value);
    const reply = fc.record(
      { id, error: value, push: value, connect: value, refresh: value },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(reply), replies => {
        expect([read(...replies)].flat().length).toBeGreaterThanOrEqual(replies.length);
      }),
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('I03 X08 reads a message of a megabyte, a million line breaks and garbage quickly', () => {
    const startedAt = performance.now();
    expect(read({ push: { channel: 'a', pub: { data: 'x'.repeat(1_048_576) } } })).toHaveLength(1);
    expect(protocol.read('\n'.repeat(1_048_576))).toEqual([]);
    expect(protocol.read('x'.repeat(1_048_576))).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

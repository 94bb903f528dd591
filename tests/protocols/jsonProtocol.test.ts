import { describe, expect, it } from 'vitest';
import { isAuthSocketError } from '../../src/core';
import { closeTable, firstMessage, jsonProtocol, type Frame } from '../../src/protocols';

const protocol = jsonProtocol();

describe('jsonProtocol: what leaves', () => {
  it('presents the first token in a frame of its own and waits for the answer', () => {
    expect(protocol.hello?.('abc')).toBe('{"type":"auth","token":"abc"}');
    expect(protocol.waitsForReady).toBe(true);
    expect(firstMessage().prepare).toBeUndefined();
  });

  it('presents later tokens with a number', () => {
    expect(JSON.parse(protocol.refresh?.('abc', 3) as string)).toEqual({
      type: 'auth_refresh',
      id: 3,
      token: 'abc',
    });
  });

  it('pings, and says when nobody used the page', () => {
    expect(protocol.ping?.(false)).toBe('{"type":"ping"}');
    expect(protocol.ping?.(true)).toBe('{"type":"ping","idle":true}');
  });

  it('writes messages as JSON', () => {
    expect(protocol.write({ type: 'hello', text: 'ä\u2028' })).toBe('{"type":"hello","text":"ä\u2028"}');
    expect(protocol.write(null)).toBe('null');
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => {}],
    ['a symbol', Symbol('x')],
  ])('refuses %s, which has no JSON form', (_name, message) => {
    let thrown: unknown;
    try {
      protocol.write(message);
    } catch (error) {
      thrown = error;
    }
    expect(isAuthSocketError(thrown) && thrown.code).toBe('invalid-message');
  });
});

describe('jsonProtocol: what arrives', () => {
  it.each<[string, unknown, Frame<unknown>]>([
    ['auth_ok', { type: 'auth_ok' }, { kind: 'ready', expiresInMs: undefined }],
    [
      'auth_ok with a lifetime',
      { type: 'auth_ok', expires_in: 90.5 },
      { kind: 'ready', expiresInMs: 90_500 },
    ],
    [
      'auth_ok of a refresh',
      { type: 'auth_ok', id: 2, expires_in: 60 },
      { kind: 'refreshed', id: 2, expiresInMs: 60_000 },
    ],
    [
      'auth_error',
      { type: 'auth_error', code: 'token_expired' },
      { kind: 'refused', id: undefined, verdict: 'expired' },
    ],
    [
      'auth_error of a refresh',
      { type: 'auth_error', id: 4, code: 'subject_mismatch' },
      { kind: 'refused', id: 4, verdict: 'forbidden' },
    ],
    [
      'auth_error that may be retried',
      { type: 'auth_error', id: 4, code: 'token_expired', retryable: true },
      { kind: 'refused', id: 4, verdict: 'limit' },
    ],
    [
      'auth_error with a word of its own',
      { type: 'auth_error', code: 'bad_karma' },
      { kind: 'refused', id: undefined, verdict: 'revoked' },
    ],
    [
      'auth_expiring_soon',
      { type: 'auth_expiring_soon', expires_in: 30 },
      { kind: 'expiring', inMs: 30_000 },
    ],
    ['session_expired', { type: 'session_expired' }, { kind: 'verdict', verdict: 'expired' }],
    [
      'going_away',
      { type: 'going_away', retry_after: 2 },
      { kind: 'verdict', verdict: 'going-away', retryAfterMs: 2_000 },
    ],
    [
      'going_away without a time',
      { type: 'going_away' },
      { kind: 'verdict', verdict: 'going-away', retryAfterMs: undefined },
    ],
    ['pong', { type: 'pong' }, { kind: 'pong' }],
  ])('reads %s', (_name, frame, expected) => {
    expect(protocol.read(JSON.stringify(frame))).toEqual(expected);
  });

  it('takes every other frame as a message, whose type is its topic', () => {
    expect(protocol.read('{"type":"chat","n":1}')).toEqual({
      kind: 'message',
      message: { type: 'chat', n: 1 },
      topic: 'chat',
    });
    for (const other of [null, 7, 'text', true, [], [1], {}, { type: 9 }]) {
      expect(protocol.read(JSON.stringify(other))).toEqual({
        kind: 'message',
        message: other,
        topic: undefined,
      });
    }
  });

  it('asks the application for the topic, where it names one', () => {
    const channels = jsonProtocol<{ channel: string }>({ topic: ({ channel }) => channel });
    expect(channels.read('{"channel":"news"}')).toMatchObject({ kind: 'message', topic: 'news' });
  });

  it('I01 calls garbage malformed and does not quote it', () => {
    for (const garbage of ['', 'secret', '{"type":secret', '\u0000']) {
      const frame = protocol.read(garbage) as Frame<unknown>;
      expect(frame.kind).toBe('malformed');
      expect(JSON.stringify(frame)).not.toContain('secret');
    }
    expect(protocol.read(new ArrayBuffer(3))).toMatchObject({ kind: 'malformed' });
  });

  it.each([-1, NaN, Infinity, '30', null, {}])('I02 ignores a lifetime of %j', expires_in => {
    const text = JSON.stringify({ type: 'auth_ok', expires_in });
    expect(protocol.read(text)).toEqual({ kind: 'ready', expiresInMs: undefined });
  });
});

describe('closeTable', () => {
  const judge = closeTable();
  const facts = { phase: 'open', lastVerdict: null } as const;

  it.each([
    [1000, 'ambiguous'],
    [1001, 'going-away'],
    [1002, 'protocol'],
    [1003, 'protocol'],
    [1005, 'ambiguous'],
    [1006, 'ambiguous'],
    [1007, 'ambiguous'],
    [1008, 'ambiguous'],
    [1009, 'ambiguous'],
    [1011, 'ambiguous'],
    [1012, 'going-away'],
    [1013, 'limit'],
    [1014, 'ambiguous'],
    [1015, 'ambiguous'],
    [3000, 'ambiguous'],
    [4001, 'ambiguous'],
    [4003, 'ambiguous'],
    [4401, 'ambiguous'],
    [4999, 'ambiguous'],
  ])('%i without a reason means %s', (code, verdict) => {
    expect(judge({ ...facts, code, reason: '' })).toBe(verdict);
  });

  it.each([
    ['{"code":"token_expired"}', 'expired'],
    ['{"code":"session_revoked","detail":1}', 'revoked'],
    ['token_expired', 'expired'],
    ['  token_expired ', 'expired'],
    ['Authentication expired', 'expired'],
    ['Session invalid', 'revoked'],
    ['token has been revoked', 'revoked'],
    ['too many connections', 'limit'],
    ['rate limit exceeded', 'limit'],
    ['not allowed here', 'forbidden'],
    ['taken_over', 'taken-over'],
    ['auth failed', 'ambiguous'],
    ['{"code":7}', 'ambiguous'],
    ['{broken', 'ambiguous'],
    ['__proto__', 'ambiguous'],
    ['constructor', 'ambiguous'],
  ])('1008 with the reason %j means %s', (reason, verdict) => {
    expect(judge({ ...facts, code: 1008, reason })).toBe(verdict);
  });

  it('reads the reason before the code, in every code', () => {
    expect(judge({ ...facts, code: 1001, reason: 'token_expired' })).toBe('expired');
    expect(judge({ ...facts, code: 4321, reason: '{"code":"forbidden"}' })).toBe('forbidden');
  });

  it('reads a wait that the reason names', () => {
    expect(judge({ ...facts, code: 1013, reason: '{"retry_after":7}' })).toEqual({
      verdict: 'limit',
      retryAfterMs: 7_000,
    });
  });

  it('lets a verdict frame stand for the close behind it', () => {
    expect(judge({ code: 1008, reason: 'auth failed', phase: 'open', lastVerdict: 'expired' })).toBe(
      'expired',
    );
  });

  it('lets the application rename a code, a reason or a pair of both, the most exact first', () => {
    const own = closeTable({ 4401: 'expired', '1008:kicked': 'revoked', kicked: 'forbidden', 1008: 'limit' });
    expect(own({ ...facts, code: 4401, reason: '' })).toBe('expired');
    expect(own({ ...facts, code: 1008, reason: 'kicked' })).toBe('revoked');
    expect(own({ ...facts, code: 4000, reason: 'kicked' })).toBe('forbidden');
    expect(own({ ...facts, code: 1008, reason: 'token_expired' })).toBe('limit');
    expect(own({ ...facts, code: 4402, reason: '' })).toBe('ambiguous');
  });

  it('X08 a reason of a megabyte is not read', () => {
    expect(judge({ ...facts, code: 1008, reason: 'expired '.repeat(131_072) })).toBe('ambiguous');
  });
});

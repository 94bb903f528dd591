import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createAuthSocket, isAuthSocketError, unavailable, type AuthSocket } from '../../src/core';
import {
  closeTable,
  cookie,
  firstMessage,
  subprotocol,
  ticket,
  type Carrier,
  type DialAnswer,
  type Frame,
  type Verdict,
} from '../../src/protocols';
import { actionCable, type CableIncoming, type CableOutgoing } from '../../src/protocols/actionCable';

const protocol = actionCable();
const identifier = '{"channel":"ChatChannel","room":1}';

function prepared(carrier: Carrier | undefined, token: string | null = 'abc'): Promise<DialAnswer> {
  const dial = { url: new URL('wss://rails.test/cable'), token, signal: new AbortController().signal };
  return Promise.resolve(actionCable(carrier && { carrier }).prepare!(dial));
}

function codeThrownBy(action: () => unknown): string | null {
  try {
    action();
  } catch (error) {
    return isAuthSocketError(error) ? error.code : 'something else';
  }
  return null;
}

describe('S3-F actionCable: what leaves', () => {
  it('says nothing of its own: the handshake carries the credential and `welcome` is the answer', () => {
    expect(protocol.hello).toBeUndefined();
    expect(protocol.ping).toBeUndefined();
    expect(protocol.refresh).toBeUndefined();
    expect(protocol.waitsForReady).toBe(true);
  });

  it('lives by the pings of the server, which come every 3 s unless it is told otherwise', () => {
    expect(protocol.serverPingMs).toBe(3_000);
    expect(actionCable({ serverPingMs: 10_000 }).serverPingMs).toBe(10_000);
  });

  it('offers the one subprotocol that it speaks, and the cookie does the rest', async () => {
    for (const carrier of [undefined, cookie()]) {
      expect(await prepared(carrier)).toEqual({
        url: new URL('wss://rails.test/cable'),
        protocols: ['actioncable-v1-json'],
      });
    }
  });

  it('T17 puts a ticket into the query and keeps its age limit', async () => {
    expect(await prepared(ticket({ getTicket: () => 'once', maxAgeMs: 5_000 }))).toEqual({
      url: new URL('wss://rails.test/cable?ticket=once'),
      protocols: ['actioncable-v1-json'],
      maxAgeMs: 5_000,
    });
  });

  it('I15 offers a token beside its subprotocol, and neither twice', async () => {
    expect(await prepared(subprotocol({ accept: 'actioncable-v1-json' }))).toEqual({
      url: new URL('wss://rails.test/cable'),
      protocols: ['actioncable-v1-json', 'bearer.YWJj'],
    });
  });

  it("takes a carrier of the application's own, such as AnyCable's", async () => {
    const anyCable: Carrier = {
      prepare: ({ url, token }) => ({ url, protocols: token === null ? [] : [`anycable-token.${token}`] }),
    };
    expect(await prepared(anyCable)).toMatchObject({
      protocols: ['actioncable-v1-json', 'anycable-token.abc'],
    });
    expect(await prepared(anyCable, null)).toMatchObject({ protocols: ['actioncable-v1-json'] });
    expect(actionCable({ carrier: anyCable }).waitsForReady).toBe(true);
  });

  it('passes on that there is no ticket for now, and that a carrier answers with nonsense', async () => {
    expect(await prepared(ticket({ getTicket: () => unavailable() }))).toEqual(unavailable());
    for (const nonsense of [null, undefined, 'wss://rails.test/cable', { url: '/cable' }]) {
      expect(await prepared({ prepare: () => nonsense as never })).toBe(nonsense);
    }
  });

  it.each([
    ['an object', { action: 'speak', text: 'hi' }, '{"action":"speak","text":"hi"}'],
    ['an empty object', {}, '{}'],
    ['JSON', '{"action":"speak"}', '{"action":"speak"}'],
    ['text that is no JSON, which is for the server to judge', 'hi', 'hi'],
  ])('writes data that is %s as the string that Rails wants', (_name, data, expected) => {
    const message = { command: 'message', identifier, data } as const;
    expect(JSON.parse(protocol.write(message) as string)).toEqual({ ...message, data: expected });
    expect(message.data).toBe(data);
  });

  it('writes a command without data as it is', () => {
    for (const command of ['subscribe', 'unsubscribe'] as const) {
      expect(protocol.write({ command, identifier })).toBe(JSON.stringify({ command, identifier }));
    }
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => {}],
    ['data that is a function', { command: 'message', identifier, data: () => {} }],
    ['data that is a symbol', { command: 'message', identifier, data: Symbol('x') }],
  ])('I14 refuses %s, which has no JSON form', (_name, message) => {
    expect(codeThrownBy(() => protocol.write(message as never))).toBe('invalid-message');
  });

  it.each([
    ['carrier', { carrier: firstMessage() }],
    ['carrier', { carrier: 'cookie' }],
    ['carrier', { carrier: null }],
    ['serverPingMs', { serverPingMs: 0 }],
    ['serverPingMs', { serverPingMs: -1 }],
    ['serverPingMs', { serverPingMs: NaN }],
    ['serverPingMs', { serverPingMs: Infinity }],
    ['serverPingMs', { serverPingMs: '3000' }],
    ['close', { close: {} }],
  ])('I13 a %s that cannot work is named when the protocol is made', (name, options) => {
    const make = () => actionCable(options as never);
    expect(codeThrownBy(make)).toBe('invalid-option');
    expect(make).toThrow(`actionCable: ${name} must be`);
  });
});

describe('S3-F actionCable: what arrives', () => {
  it.each<[string, unknown, Frame<unknown>]>([
    ['welcome', { type: 'welcome' }, { kind: 'ready' }],
    ["AnyCable's welcome", { type: 'welcome', sid: 'a1' }, { kind: 'ready' }],
    ['ping', { type: 'ping', message: 1_767_225_600 }, { kind: 'ignore' }],
    [
      'confirm_subscription',
      { type: 'confirm_subscription', identifier },
      { kind: 'message', message: { type: 'confirm_subscription', identifier }, topic: identifier },
    ],
    [
      'reject_subscription, which is no verdict on the link',
      { type: 'reject_subscription', identifier },
      { kind: 'message', message: { type: 'reject_subscription', identifier }, topic: identifier },
    ],
    [
      'what a channel transmits',
      { identifier, message: { text: 'hi' } },
      { kind: 'message', message: { identifier, message: { text: 'hi' } }, topic: identifier },
    ],
    [
      'a type of the future that is about a subscription',
      { type: 'confirm_history', identifier },
      { kind: 'message', message: { type: 'confirm_history', identifier }, topic: identifier },
    ],
  ])('reads %s', (_name, frame, expected) => {
    expect(protocol.read(JSON.stringify(frame))).toEqual(expected);
  });

  it.each<[unknown, unknown, Verdict]>([
    ['unauthorized', false, 'expired'],
    ['unauthorized', true, 'expired'],
    ['unauthorized', undefined, 'expired'],
    ['invalid_request', true, 'protocol'],
    ['invalid_request', false, 'protocol'],
    ['server_restart', true, 'going-away'],
    ['server_restart', undefined, 'going-away'],
    ['server_restart', false, 'forbidden'],
    ['remote', true, 'going-away'],
    ['remote', undefined, 'going-away'],
    ['remote', false, 'revoked'],
    // AnyCable.
    ['token_expired', false, 'expired'],
    ['session_revoked', false, 'revoked'],
    // A word of the application's own, or none: `close` in a channel.
    ['kicked', false, 'forbidden'],
    ['kicked', true, 'going-away'],
    [null, true, 'going-away'],
    [null, false, 'forbidden'],
    [undefined, undefined, 'going-away'],
    [7, 'false', 'going-away'],
    ['__proto__', true, 'going-away'],
    ['constructor', false, 'forbidden'],
  ])('disconnect with the reason %j and reconnect %j means %s', (reason, reconnect, verdict) => {
    expect(protocol.read(JSON.stringify({ type: 'disconnect', reason, reconnect }))).toEqual({
      kind: 'verdict',
      verdict,
    });
  });

  it.each([
    '',
    'secret',
    '{"type":secret',
    'null',
    '7',
    '"secret"',
    '[]',
    '[{"type":"welcome"}]',
    '{}',
    '{"type":7}',
    '{"type":"secret"}',
    '{"identifier":7,"message":"secret"}',
    '{"type":"confirm_subscription"}',
    '{"type":"confirm_subscription","identifier":{"channel":"secret"}}',
    '{"__proto__":{"type":"welcome"}}',
  ])('I01 I02 calls %j malformed and does not quote it', text => {
    const frame = protocol.read(text) as Frame<unknown>;
    expect(frame.kind).toBe('malformed');
    expect(JSON.stringify(frame)).not.toContain('secret');
  });

  it('I04 calls a binary frame malformed', () => {
    expect(protocol.read(new ArrayBuffer(3))).toMatchObject({ kind: 'malformed' });
  });

  it('X08 a reason of a megabyte is no reason', () => {
    const text = JSON.stringify({ type: 'disconnect', reason: 'expired '.repeat(131_072), reconnect: true });
    const since = performance.now();
    expect(protocol.read(text)).toEqual({ kind: 'verdict', verdict: 'going-away' });
    expect(performance.now() - since).toBeLessThan(50);
  });

  it('I02 survives whatever is JSON', () => {
    const types = fc.constantFrom(
      'welcome',
      'ping',
      'disconnect',
      'confirm_subscription',
      'reject_subscription',
    );
    const any = fc.jsonValue();
    const frames = fc.oneof(
      any,
      fc.record(
        { type: types, identifier: any, message: any, reason: any, reconnect: any },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(frames, frame => {
        const { kind } = protocol.read(JSON.stringify(frame)) as Frame<unknown>;
        expect(['ready', 'ignore', 'message', 'verdict', 'malformed']).toContain(kind);
      }),
    );
  });
});

describe('S3-F actionCable: how a link ends', () => {
  it.each<[number, string, Verdict | null, Verdict]>([
    // Rails closes with 1000 behind every `disconnect`: the frame stands for it.
    [1000, '', 'expired', 'expired'],
    [1000, '', 'revoked', 'revoked'],
    [1000, '', 'going-away', 'going-away'],
    [1000, '', 'forbidden', 'forbidden'],
    [1000, '', null, 'ambiguous'],
    [1001, '', null, 'going-away'],
    [1005, '', null, 'ambiguous'],
    [1006, '', null, 'ambiguous'],
    [1008, '', null, 'ambiguous'],
    [1008, 'token expired', null, 'expired'],
    [1011, '', null, 'ambiguous'],
    [1012, '', null, 'going-away'],
    [1013, '', null, 'limit'],
    [4401, '', null, 'ambiguous'],
  ])('%i %j after %j means %s', (code, reason, lastVerdict, verdict) => {
    expect(protocol.judgeClose({ code, reason, phase: 'open', lastVerdict })).toBe(verdict);
  });

  it('lets the application judge instead', () => {
    const own = actionCable({ close: closeTable({ 4001: 'forbidden' }) });
    expect(own.judgeClose({ code: 4001, reason: '', phase: 'open', lastVerdict: null })).toBe('forbidden');
  });
});

describe('actionCable: types', () => {
  it('a client knows what it sends and what it gets, also by the identifier of a subscription', () => {
    const socket = createAuthSocket({ url: 'wss://rails.test/cable', protocol: actionCable() });
    expectTypeOf(socket).toEqualTypeOf<AuthSocket<CableIncoming, CableOutgoing>>();
    socket.onMessage(message => expectTypeOf(message).toEqualTypeOf<CableIncoming>(), { topic: identifier });
    const begin = () => [
      socket.send({ command: 'subscribe', identifier }),
      socket.send({ command: 'message', identifier, data: { action: 'speak' } }),
      // @ts-expect-error a message has data
      socket.send({ command: 'message', identifier }),
      // @ts-expect-error there is no such command
      socket.send({ command: 'publish', identifier }),
    ];
    expect(begin).toBeTypeOf('function');
    socket.destroy();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAuthSocketError } from '../../src/core';
import type { Frame, SocketProtocol, Verdict } from '../../src/protocols';
import { homeAssistant, type HomeAssistantMessage } from '../../src/protocols/homeAssistant';

const plain = () => homeAssistant({ coalesceMessages: false });

function sent(data: unknown): Record<string, unknown> {
  return JSON.parse(data as string) as Record<string, unknown>;
}

function codeThrownBy(action: () => unknown): string | null {
  try {
    action();
  } catch (error) {
    return isAuthSocketError(error) ? error.code : 'something else';
  }
  return null;
}

describe('S3-F homeAssistant: what arrives', () => {
  it.each<[string, unknown, readonly Frame<unknown>[]]>([
    ['auth_required', { type: 'auth_required', ha_version: '2025.1.0' }, [{ kind: 'ignore' }]],
    ['auth_ok', { type: 'auth_ok', ha_version: '2025.1.0' }, [{ kind: 'ready' }]],
    [
      'auth_invalid for an expired, revoked or made-up token',
      { type: 'auth_invalid', message: 'Invalid access token or password' },
      [{ kind: 'refused', verdict: 'revoked' }],
    ],
    [
      'auth_invalid for a user who is not allowed here',
      { type: 'auth_invalid', message: 'User cannot authenticate remotely' },
      [{ kind: 'refused', verdict: 'revoked' }],
    ],
    ['auth_invalid without a word', { type: 'auth_invalid' }, [{ kind: 'refused', verdict: 'revoked' }]],
    ['pong', { id: 4, type: 'pong' }, [{ kind: 'pong' }]],
    [
      'a result',
      { id: 4, type: 'result', success: true, result: null },
      [
        {
          kind: 'message',
          message: { id: 4, type: 'result', success: true, result: null },
          topic: 'result',
        },
      ],
    ],
    [
      'a failed command, which is no verdict on the link',
      { id: 5, type: 'result', success: false, error: { code: 'unauthorized', message: 'Unauthorized' } },
      [{ kind: 'message', message: expect.objectContaining({ id: 5, success: false }), topic: 'result' }],
    ],
    [
      'an event',
      { id: 6, type: 'event', event: { a: 1 } },
      [{ kind: 'message', message: { id: 6, type: 'event', event: { a: 1 } }, topic: 'event' }],
    ],
    [
      'a type of the future, and a result without an id',
      { type: 'zeroconf', id: null },
      [{ kind: 'message', message: { type: 'zeroconf', id: null }, topic: 'zeroconf' }],
    ],
  ])('reads %s', (_name, message, frames) => {
    expect(plain().read(JSON.stringify(message))).toEqual(frames);
  });

  it('takes messages that come in one frame one by one, in order', () => {
    const frames = plain().read(
      JSON.stringify([
        { id: 3, type: 'result', success: true, result: null },
        { id: 3, type: 'event', event: 1 },
        7,
        { id: 9, type: 'pong' },
        { id: 3, type: 'event', event: 2 },
      ]),
    ) as readonly Frame<unknown>[];
    expect(frames.map(({ kind }) => kind)).toEqual(['message', 'message', 'malformed', 'pong', 'message']);
    expect(plain().read('[]')).toEqual([]);
  });

  it('gives each subscription a topic of its own, where the application says so', () => {
    const protocol = homeAssistant({ topic: ({ id }) => String(id) });
    expect(protocol.read('{"id":6,"type":"event","event":{}}')).toMatchObject([{ topic: '6' }]);
  });

  it('I01 I02 calls what it cannot read malformed and does not quote it', () => {
    const texts = ['', 'secret', '{"type":secret', 'null', '7', '"auth_ok"', '{}', '{"type":null}', '[[]]'];
    for (const data of [...texts, '{"type":{"secret":1}}', '{"__proto__":{"type":"auth_ok"}}']) {
      const frames = plain().read(data) as readonly Frame<unknown>[];
      expect(frames.map(({ kind }) => kind)).toEqual(['malformed']);
      expect(JSON.stringify(frames)).not.toContain('secret');
    }
    expect(plain().read(new ArrayBuffer(3))).toMatchObject([{ kind: 'malformed' }]);
  });

  it('I02 X07 survives any JSON and any text', () => {
    const protocol = homeAssistant();
    fc.assert(fc.property(fc.json(), text => void protocol.read(text)));
    fc.assert(fc.property(fc.string(), text => void protocol.read(text)));
    protocol.read(
      '{"type":"event","id":1,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":1}}}',
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('survives messages and nests of a megabyte', () => {
    const event = 'x'.repeat(1_000_000);
    expect(plain().read(JSON.stringify({ type: 'event', id: 1, event }))).toMatchObject([
      { kind: 'message' },
    ]);
    expect(plain().read('['.repeat(1_000_000))).toEqual([{ kind: 'malformed', why: 'not JSON' }]);
  });
});

describe('S3-F homeAssistant: how a link ends', () => {
  const { judgeClose } = plain();
  const closes: readonly (readonly [code: number, reason: string, verdict: Verdict])[] = [
    // All that the server itself ever says: nothing.
    [1000, '', 'ambiguous'],
    [1006, '', 'ambiguous'],
    // Its HTTP library, the system or a proxy between.
    [1001, '', 'going-away'],
    [1002, '', 'protocol'],
    [1003, '', 'protocol'],
    [1005, '', 'ambiguous'],
    [1007, '', 'ambiguous'],
    [1008, '', 'ambiguous'],
    [1009, 'Message size exceeds limit 4194304', 'ambiguous'],
    [1011, '', 'ambiguous'],
    [1012, '', 'going-away'],
    [1013, '', 'limit'],
    [1015, '', 'ambiguous'],
    [3000, '', 'ambiguous'],
    [4000, '', 'ambiguous'],
    [4401, '', 'ambiguous'],
  ];

  describe.each(['authenticating', 'open'] as const)('while %s', phase => {
    it.each(closes)('%i "%s" alone is %s', (code, reason, verdict) => {
      expect(judgeClose({ code, reason, phase, lastVerdict: null })).toBe(verdict);
    });
  });

  it.each(closes)('%i "%s" behind auth_invalid is revoked, not %s', (code, reason) => {
    expect(judgeClose({ code, reason, phase: 'authenticating', lastVerdict: 'revoked' })).toBe('revoked');
  });
});

describe('homeAssistant: what leaves', () => {
  it('presents the token in a message of its own and waits for the answer', () => {
    const protocol = plain();
    expect(protocol.hello?.('abc')).toBe('{"type":"auth","access_token":"abc"}');
    expect(protocol.waitsForReady).toBe(true);
    expect(protocol.prepare).toBeUndefined();
  });

  it('says nothing of a new token: an open link outlives the one it began with', () => {
    expect(plain().refresh?.('abc', 1)).toEqual([]);
  });

  it('numbers commands and pings by one counter', () => {
    const protocol = plain();
    expect(sent(protocol.write({ type: 'get_states' }))).toEqual({ id: 1, type: 'get_states' });
    expect(sent(protocol.ping?.(false))).toEqual({ id: 2, type: 'ping' });
    expect(sent(protocol.ping?.(true))).toEqual({ id: 3, type: 'ping' });
    expect(sent(protocol.write({ type: 'get_config' }))).toEqual({ id: 4, type: 'get_config' });
  });

  it('sends an id of the application as it is while it is the largest', () => {
    const protocol = plain();
    const id = protocol.nextId();
    expect(sent(protocol.write({ id, type: 'get_states' })).id).toBe(id);
    expect(sent(protocol.write({ id: 40, type: 'get_states' })).id).toBe(40);
    expect(protocol.nextId()).toBe(41);
  });

  it('sends a subscription again under a new id on the next link, and its events come back under the old one', () => {
    const protocol = plain();
    const id = protocol.nextId();
    const subscribe = { id, type: 'subscribe_events', event_type: 'state_changed' };
    expect(sent(protocol.write(subscribe))).toEqual(subscribe);
    protocol.ping?.(false);
    const again = sent(protocol.write(subscribe));
    expect(again).toEqual({ ...subscribe, id: 3 });
    expect(protocol.read('{"id":3,"type":"event","event":{}}')).toMatchObject([{ message: { id } }]);
    expect(protocol.read('[{"id":3,"type":"event","event":{}}]')).toMatchObject([{ message: { id } }]);
    expect(subscribe.id).toBe(id);
  });

  it('ends a subscription under the id that the server knows', () => {
    const protocol = plain();
    protocol.write({ id: 1, type: 'subscribe_events' });
    protocol.write({ id: 1, type: 'subscribe_events' });
    expect(sent(protocol.write({ type: 'unsubscribe_events', subscription: 1 })).subscription).toBe(2);
    expect(sent(protocol.write({ type: 'call_service', subscription: 1 })).subscription).toBe(1);
  });

  it('asks for coalesced messages before it says ready, and keeps the answer to itself', () => {
    const protocol = homeAssistant();
    const frames = protocol.read('{"type":"auth_ok","ha_version":"2025.1.0"}') as readonly Frame<unknown>[];
    expect(frames.map(({ kind }) => kind)).toEqual(['reply', 'ready']);
    expect(sent((frames[0] as { data: unknown }).data)).toEqual({
      id: 1,
      type: 'supported_features',
      features: { coalesce_messages: 1 },
    });
    protocol.read('{"type":"auth_ok"}');
    for (const id of [1, 2]) {
      expect(protocol.read(`{"id":${id},"type":"result","success":true,"result":null}`)).toEqual([
        { kind: 'ignore' },
      ]);
    }
    expect(sent(protocol.write({ type: 'get_states' })).id).toBe(3);
  });

  it('sends bytes as they are', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const protocol: SocketProtocol<HomeAssistantMessage, unknown> = homeAssistant<
      HomeAssistantMessage,
      unknown
    >();
    expect(protocol.write(bytes)).toBe(bytes);
    expect(protocol.write(bytes.buffer)).toBe(bytes.buffer);
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['text', 'ping'],
    ['a list', [{ type: 'ping' }]],
    ['an id of 0', { id: 0, type: 'ping' }],
    ['a fraction as id', { id: 1.5, type: 'ping' }],
    ['text as id', { id: '1', type: 'ping' }],
    ['an id without successors', { id: Number.MAX_SAFE_INTEGER, type: 'ping' }],
  ])('refuses %s', (_name, command) => {
    const protocol = homeAssistant<unknown, unknown>();
    expect(codeThrownBy(() => protocol.write(command))).toBe('invalid-message');
    expect(protocol.nextId()).toBe(1);
  });

  it.each([{ topic: 'id' }, { coalesceMessages: 1 }])('refuses the option %j', options => {
    expect(codeThrownBy(() => homeAssistant(options as never))).toBe('invalid-option');
  });
});

import { describe, expect, it } from 'vitest';
import { isAuthSocketError, signedIn, type AuthSocketOptions } from '../../src/core';
import { openScanner } from '../../src/protocols/openScanner';
import type { CloseFacts, Frame } from '../../src/protocols';
import { clientInWorld } from '../scenarios/clientInWorld';

const v1 = openScanner({ frames: 'v1' });
const legacy = openScanner({ frames: 'legacy' });
const minute = 60_000;

describe('openScanner: what leaves', () => {
  it('presents the token in the first frame and asks for an echo behind it, in the frames of the path', async () => {
    const dialled = openScanner();
    const signal = new AbortController().signal;
    for (const [path, echo] of [
      ['/api/v1/ws/listener', { type: 'listener.feedMap.update', feedMap: { 'react-auth-socket': 'hello' } }],
      ['/scanner/api/v1/ws/admin', { type: 'listener.feedMap.update' }],
      ['/ws', ['LFM', { 'react-auth-socket': 'hello' }]],
      ['/api/ws', ['LFM', {}]],
      ['/api/admin/ws', ['LFM', {}]],
    ] as const) {
      const url = new URL(path, 'wss://scanner.test');
      expect(await dialled.prepare?.({ url, token: 'abc', signal })).toEqual({ url });
      const [first, second] = (dialled.hello?.('abc') ?? []) as string[];
      expect(first).toBe('["abc"]');
      expect(JSON.parse(second!)).toMatchObject(echo);
    }
  });

  it('says nothing where the server lets everybody in', () => {
    expect(v1.hello?.('')).toBeNull();
  });

  it('pings with a feed map of its own, which the server sends back', () => {
    expect(v1.ping?.(true)).toBe('{"type":"listener.feedMap.update","feedMap":{"react-auth-socket":"ping"}}');
    expect(legacy.ping?.(false)).toBe('["LFM",{"react-auth-socket":"ping"}]');
  });

  it('presents no later token: the server looks at the first and not again', () => {
    expect(v1.refresh?.('abc', 1)).toEqual([]);
  });

  it('writes messages as they are', () => {
    expect(legacy.write(['LFM', { 1: { 100: true } }])).toBe('["LFM",{"1":{"100":true}}]');
    let thrown: unknown;
    try {
      v1.write(undefined);
    } catch (error) {
      thrown = error;
    }
    expect(isAuthSocketError(thrown) && thrown.code).toBe('invalid-message');
  });

  it.each(['v2', '', null, 7])('refuses frames: %j when it is made', frames => {
    expect(() => openScanner({ frames: frames as 'v1' })).toThrow(
      "openScanner: frames must be 'v1' or 'legacy'.",
    );
  });
});

describe('openScanner: what arrives', () => {
  const welcome = { type: 'connection.welcome', version: '1.3.3', branding: '', email: '' };

  it.each<[string, unknown, Frame<unknown> | Frame<unknown>[]]>([
    ['XPR', ['XPR'], { kind: 'verdict', verdict: 'expired' }],
    ['session.expired', { type: 'session.expired' }, { kind: 'verdict', verdict: 'expired' }],
    ['MAX', ['MAX'], { kind: 'verdict', verdict: 'limit' }],
    [
      'connection.rejected',
      { type: 'connection.rejected', reason: 'max_clients' },
      { kind: 'verdict', verdict: 'limit' },
    ],
    [
      'VER',
      ['VER', { version: '1.3.3' }],
      [{ kind: 'ready' }, { kind: 'message', message: ['VER', { version: '1.3.3' }], topic: 'VER' }],
    ],
    [
      'connection.welcome',
      welcome,
      [{ kind: 'ready' }, { kind: 'message', message: welcome, topic: 'connection.welcome' }],
    ],
    ['the echo of our hello, old', ['LFM', { 'react-auth-socket': 'hello' }], { kind: 'ready' }],
    [
      'the echo of our hello',
      { feedMap: { 'react-auth-socket': 'hello' }, type: 'listener.feedMap.snapshot' },
      { kind: 'ready' },
    ],
    ['the echo of our ping, old', ['LFM', { 'react-auth-socket': 'ping' }], { kind: 'pong' }],
    [
      'the echo of our ping',
      { feedMap: { 'react-auth-socket': 'ping' }, type: 'listener.feedMap.snapshot' },
      { kind: 'pong' },
    ],
  ])('S3-F reads %s', (_name, frame, expected) => {
    for (const protocol of [v1, legacy]) expect(protocol.read(JSON.stringify(frame))).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['CFG', ['CFG', { systems: [] }]],
    ['CAL', ['CAL', { id: 1 }]],
    ['TRN', ['TRN', { callId: 1, text: '' }]],
    ['LSC', ['LSC', 4]],
    ['LCL', ['LCL', { calls: [], total: 0 }]],
    ['ADM_EVT', ['ADM_EVT', { topic: 'activity.updated' }]],
    ['ADM_RES', ['ADM_RES', { reqId: '1', ok: true }]],
    ['LFM', ['LFM', { 1: { 100: true } }]],
    ['LFM', ['LFM']],
    ['LFM', ['LFM', null]],
    ['NEW', ['NEW']],
    ['scanner.config', { type: 'scanner.config', config: {} }],
    ['call.new', { type: 'call.new', call: { id: 1 } }],
    ['call.transcript', { type: 'call.transcript', callId: 1, text: '' }],
    ['listener.count', { type: 'listener.count', count: 4 }],
    ['stream.cue', { type: 'stream.cue', sid: 'a', callId: 1, offset: 0.5 }],
    ['listener.feedMap.snapshot', { type: 'listener.feedMap.snapshot', feedMap: { 1: { 100: true } } }],
    ['listener.feedMap.snapshot', { type: 'listener.feedMap.snapshot', feedMap: null }],
    ['admin.event', { type: 'admin.event', topic: 'activity.updated', at: 1, data: null }],
    ['admin.response', { type: 'admin.response', reqId: '1', ok: true, data: {} }],
    ['something.new', { type: 'something.new' }],
  ])('hands on %s, with its command as the topic', (topic, message) => {
    expect(v1.read(JSON.stringify(message))).toEqual({ kind: 'message', message, topic });
  });

  it('I04 hands on bytes, which old servers send for the audio of a call', () => {
    const audio = new Uint8Array([1, 2]).buffer;
    expect(legacy.read(audio)).toEqual({ kind: 'message', message: audio });
  });

  it('I01 calls what is not JSON malformed, and does not quote it', () => {
    for (const text of ['', 'secret', '[secret', '\u0000', '[', '{'.repeat(1_000_000), '['.repeat(1_000_000)])
      expect(v1.read(text)).toEqual({ kind: 'malformed', why: 'not JSON' });
  });

  it.each(['null', '7', 'true', '"XPR"', '[]', '[1]', '[null,"XPR"]', '[["XPR"]]', '{}', '{"type":9}'])(
    'I02 calls %s malformed: there is no command in it',
    text => {
      expect(v1.read(text)).toEqual({ kind: 'malformed', why: 'a frame without a command' });
    },
  );

  it('X07 is not led astray by keys of the prototype', () => {
    for (const text of [
      '["LFM",{"__proto__":{"react-auth-socket":"ping"}}]',
      '["__proto__"]',
      '{"type":"constructor"}',
      '{"__proto__":{"type":"XPR"},"type":"call.new"}',
    ])
      expect(v1.read(text)).toMatchObject({ kind: 'message' });
    expect(v1.read('{"__proto__":{"type":"session.expired"}}')).toMatchObject({ kind: 'malformed' });
    expect(({} as Record<string, unknown>).type).toBeUndefined();
  });
});

describe('openScanner: what a close means', () => {
  const facts: CloseFacts = { code: 1000, reason: '', phase: 'open', lastVerdict: null };

  it.each([
    // The frame before it has said the same; if it was lost, the close is enough.
    [1008, 'auth failed', null, 'expired'],
    [1008, 'auth failed', 'expired', 'expired'],
    // A logout, an administrator, a changed password: the frame, then a normal close.
    [1000, '', 'expired', 'expired'],
    [1006, '', 'expired', 'expired'],
    // The limit of the server or of the user.
    [1000, 'max clients reached', 'limit', 'limit'],
    [1000, 'max clients reached', null, 'limit'],
    [1000, 'connection limit', 'limit', 'limit'],
    [1000, 'connection limit', null, 'limit'],
    // Our first frame came too late: that says nothing about the token.
    [1008, 'auth timeout', null, 'ambiguous'],
    // Our first frame was not understood.
    [1008, 'expected text message', null, 'protocol'],
    [1008, 'invalid message', null, 'protocol'],
    [1008, '', null, 'ambiguous'],
    // A restart, a slow client, a failed welcome, a frame that was too long.
    [1000, '', null, 'ambiguous'],
    [1006, '', null, 'ambiguous'],
    [1009, 'read limited at 4097 bytes', null, 'ambiguous'],
    [1011, '', null, 'ambiguous'],
    // A proxy in front of it.
    [1001, '', null, 'going-away'],
    [1012, '', null, 'going-away'],
    [1013, '', null, 'limit'],
    [4001, '', null, 'ambiguous'],
  ] as const)('S3-F %i %j after %j means %s', (code, reason, lastVerdict, verdict) => {
    for (const phase of ['dialing', 'authenticating', 'open'] as const)
      expect(v1.judgeClose({ ...facts, code, reason, lastVerdict, phase })).toBe(verdict);
  });
});

describe('openScanner: on an open link', () => {
  /** Dialled; the test is the server. */
  async function open(path: string, options: Partial<AuthSocketOptions<unknown, unknown>> = {}) {
    const client = clientInWorld({ url: path, protocol: openScanner(), ...options });
    const { world } = client;
    world.server.auto = false;
    client.socket.connect();
    await world.clock.advance(100);
    return client;
  }

  it('a new token every quarter of an hour costs no new link and no frame', async () => {
    const client = await open('/api/v1/ws/listener');
    const { world, socket } = client;
    world.server.last.send({ type: 'connection.welcome', version: '1' });
    await world.clock.advance(0);
    expect(socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    const first = await socket.getToken();
    for (let passed = 0; passed < 60 * minute; passed += 10_000) {
      await world.clock.advance(10_000);
      const echo = { type: 'listener.feedMap.snapshot', feedMap: { 'react-auth-socket': 'ping' } };
      world.server.last.send(echo);
    }
    expect(world.tokens.calls.length).toBeGreaterThanOrEqual(5);
    expect(await socket.getToken()).not.toBe(first);
    expect(socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 1 });
    expect(world.server.dials).toHaveLength(1);
    const kinds = world.server.last.received.map(frame => (Array.isArray(frame) ? 'token' : frame));
    expect(new Set(kinds.map(kind => JSON.stringify(kind))).size).toBe(3);
    expect(kinds.filter(kind => kind === 'token')).toHaveLength(1);
    expect(client.messages).toEqual([{ type: 'connection.welcome', version: '1' }]);
    expect(client.errors).toEqual([]);
    await client.end();
  });

  it('an administrator, whom nobody welcomes, is in with the echo', async () => {
    const client = await open('/api/admin/ws');
    const { world, socket } = client;
    expect(socket.getStatus().link).toBe('authenticating');
    world.server.last.send(['LFM', { 'react-auth-socket': 'hello' }]);
    await world.clock.advance(0);
    expect(socket.getStatus().link).toBe('open');
    expect(client.messages).toEqual([]);
    await client.end();
  });

  it('where the server lets everybody in, nothing is said and the link is open at once', async () => {
    const client = await open('/ws', { getToken: () => signedIn() });
    const { world, socket } = client;
    expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    expect(world.server.last.received).toEqual([]);
    world.server.last.send(['VER', { version: '1' }]);
    await world.clock.advance(0);
    expect(client.messages).toEqual([['VER', { version: '1' }]]);
    expect(socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    await client.end();
  });

  it('S06 a link that sends no echo back is replaced: the server pings where a page cannot see it', async () => {
    const client = await open('/api/v1/ws/listener');
    const { world, socket } = client;
    world.server.last.send({ type: 'connection.welcome' });
    await world.clock.advance(0);
    const lost = world.server.last;
    lost.halfOpen();
    await world.clock.advance(36_000);
    expect(socket.getStatus()).toMatchObject({ lastClose: { code: 1006 } });
    await world.clock.advance(1_000);
    expect(world.server.connections).toHaveLength(2);
    await client.end();
  });

  it('a logout by the token id is asked about once, and the source decides', async () => {
    const client = await open('/api/v1/ws/listener');
    const { world, socket } = client;
    world.server.last.send({ type: 'connection.welcome' });
    await world.clock.advance(6_000);
    world.tokens.revoke();
    world.server.last.send({ type: 'session.expired' });
    world.server.last.close(1000, '');
    await world.clock.advance(1_000);
    expect(world.tokens.calls).toHaveLength(2);
    expect(socket.getStatus()).toMatchObject({ session: 'signed-out', link: 'stopped' });
    expect(client.ends).toHaveLength(1);
    await client.end();
  });

  it('the wrong role is refused twice, then the link rests and the user stays', async () => {
    const client = await open('/api/v1/ws/admin');
    const { world, socket } = client;
    for (let round = 0; round < 2; round++) {
      world.server.last.send({ type: 'session.expired' });
      world.server.last.close(1008, 'auth failed');
      await world.clock.advance(1_000);
    }
    expect(socket.getStatus()).toMatchObject({ session: 'rejected' });
    expect(world.server.dials).toHaveLength(2);
    expect(client.ends).toEqual([]);
    await client.end();
  });
});

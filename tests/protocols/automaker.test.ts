import { describe, expect, it } from 'vitest';
import { isAuthSocketError, type Frame, type Judgement } from '../../src/core';
import { automaker, type AutomakerOptions } from '../../src/protocols/automaker';
import type { CloseFacts } from '../../src/protocols';

const getTicket = () => 'a-ticket';
const protocol = automaker({ getTicket });

/** The code and message of what a call throws. */
function thrownBy(call: () => unknown): { code: string; message: string } | null {
  try {
    call();
  } catch (error) {
    return isAuthSocketError(error) ? { code: error.code, message: error.message } : null;
  }
  return null;
}

function preparing(options: AutomakerOptions, address = 'wss://app.test/api/events') {
  const { signal } = new AbortController();
  return automaker(options).prepare?.({ url: new URL(address), token: null, signal });
}

describe('automaker: how it gets in', () => {
  it('presents the ticket as wsToken, beside what the address holds already', async () => {
    await expect(preparing({ getTicket }, 'wss://app.test/api/terminal/ws?sessionId=7')).resolves.toEqual({
      url: new URL('wss://app.test/api/terminal/ws?sessionId=7&wsToken=a-ticket'),
      maxAgeMs: 60_000,
    });
  });

  it('takes another parameter and another age', async () => {
    await expect(preparing({ getTicket, param: 'ws_ticket', maxAgeMs: 5_000 })).resolves.toEqual({
      url: new URL('wss://app.test/api/events?ws_ticket=a-ticket'),
      maxAgeMs: 5_000,
    });
  });

  it('is open when the socket is: there is no first message and no refresh in band', () => {
    expect(protocol).toMatchObject({ name: 'automaker', waitsForReady: false });
    expect(protocol.hello).toBeUndefined();
    expect(protocol.refresh).toBeUndefined();
  });

  it('pings to keep proxies open, and waits for an answer only where it is told that one comes', () => {
    expect(protocol.ping?.(false)).toBe('{"type":"ping"}');
    expect(protocol.answersPing).toBe(false);
    expect(automaker({ getTicket, answersPing: true }).answersPing).toBe(true);
  });

  it.each<[string, object]>([
    ['getTicket', { getTicket: 'https://app.test/api/auth/token' }],
    ['getTicket', {}],
    ['param', { getTicket, param: '' }],
    ['maxAgeMs', { getTicket, maxAgeMs: 0 }],
    ['maxAgeMs', { getTicket, maxAgeMs: NaN }],
    ['answersPing', { getTicket, answersPing: 'no' }],
  ])('I13 refuses a wrong %s at creation, by its name', (name, options) => {
    const thrown = thrownBy(() => automaker(options as AutomakerOptions));
    expect(thrown?.code).toBe('invalid-option');
    expect(thrown?.message).toContain(name);
  });
});

describe('automaker: what leaves', () => {
  it('writes messages as JSON', () => {
    expect(protocol.write({ type: 'input', data: 'ls\n' })).toBe('{"type":"input","data":"ls\\n"}');
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => {}],
    ['a symbol', Symbol('x')],
  ])('I14 refuses %s, which has no JSON form', (_name, message) => {
    expect(thrownBy(() => protocol.write(message))?.code).toBe('invalid-message');
  });
});

describe('S3-F automaker: what a frame means', () => {
  it.each<[string, unknown]>([
    ['an event', { type: 'agent:stream', payload: { sessionId: 's1', text: 'hi' } }],
    ['an event without a payload', { type: 'auto-mode:event' }],
    ['the terminal that is connected', { type: 'connected', sessionId: 's1', shell: '/bin/bash', cwd: '/' }],
    ['what the terminal showed before', { type: 'scrollback', data: '$ ls\r\n' }],
    ['what the terminal shows', { type: 'data', data: 'a.txt' }],
    ['the end of the terminal', { type: 'exit', exitCode: 0 }],
    ['a refusal of input', { type: 'error', message: 'Invalid input type' }],
    // Words that mean something in other dialects are events like any other here.
    ['an event named like a control frame of another dialect', { type: 'session_expired' }],
    ['an event that is an empty word', { type: '' }],
  ])('%s is a message, whose type is its topic', (_name, frame) => {
    const { type } = frame as { type: string };
    expect(protocol.read(JSON.stringify(frame))).toEqual({ kind: 'message', message: frame, topic: type });
  });

  it('the answer of the terminal to a ping proves it alive', () => {
    expect(protocol.read('{"type":"pong"}')).toEqual({ kind: 'pong' });
  });

  it.each([
    ['nothing', '', 'not JSON'],
    ['half a frame', '{"type":"secret', 'not JSON'],
    ['NUL', '\u0000', 'not JSON'],
    ['null', 'null', 'no type'],
    ['a number', '7', 'no type'],
    ['a text', '"secret"', 'no type'],
    ['a list', '[{"type":"secret"}]', 'no type'],
    ['an object without a type', '{"payload":"secret"}', 'no type'],
    ['a type that is a number', '{"type":7}', 'no type'],
    ['a type that is an object', '{"type":{"toString":"secret"}}', 'no type'],
    ['a type in the prototype', '{"__proto__":{"type":"secret"}}', 'no type'],
  ])('I01 I02 X07 %s is malformed, and not quoted', (_name, data, why) => {
    expect(protocol.read(data)).toEqual({ kind: 'malformed', why });
    expect(({} as { type?: string }).type).toBeUndefined();
  });

  it('I02 bytes are malformed, also those of a frame', () => {
    const bytes = new TextEncoder().encode('{"type":"agent:stream"}').buffer;
    expect(protocol.read(bytes)).toEqual({ kind: 'malformed', why: 'a binary frame, not JSON' });
  });

  it('a megabyte is read quickly, good or bad', () => {
    const data = 'x'.repeat(1_000_000);
    const start = performance.now();
    expect((protocol.read(JSON.stringify({ type: 'data', data })) as Frame<unknown>).kind).toBe('message');
    expect(protocol.read(data)).toEqual({ kind: 'malformed', why: 'not JSON' });
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('S3-F automaker: what a close means', () => {
  const judge = (close: Partial<CloseFacts>): Judgement =>
    protocol.judgeClose({ code: 1006, reason: '', phase: 'open', lastVerdict: null, ...close });

  it.each<[CloseFacts['phase'], number, string, Judgement]>([
    // A refused upgrade (HTTP 401: ticket unknown, spent or expired), and every other dial that comes to nothing.
    ['dialing', 1006, '', 'ambiguous'],
    ['dialing', 1015, '', 'ambiguous'],
    // The cable, a proxy that cuts what is quiet, a server that was killed.
    ['open', 1006, '', 'ambiguous'],
    ['open', 1005, '', 'ambiguous'],
    ['open', 1000, '', 'ambiguous'],
    // The terminal: nothing of this changes with a new ticket.
    ['open', 1000, 'Session ended', 'forbidden'],
    ['open', 4001, 'Authentication required', 'forbidden'],
    ['open', 4002, 'Session ID required', 'protocol'],
    ['open', 4003, 'Terminal access is disabled', 'forbidden'],
    ['open', 4004, 'Session not found', 'forbidden'],
    ['open', 4001, '', 'forbidden'],
    ['open', 4002, '', 'protocol'],
    ['open', 4003, '', 'forbidden'],
    ['open', 4004, '', 'forbidden'],
    // What proxies and the library under the server say.
    ['open', 1001, '', 'going-away'],
    ['open', 1002, '', 'protocol'],
    ['open', 1003, '', 'protocol'],
    ['open', 1007, '', 'ambiguous'],
    ['open', 1008, '', 'ambiguous'],
    ['open', 1009, '', 'ambiguous'],
    ['open', 1011, '', 'ambiguous'],
    ['open', 1012, '', 'going-away'],
    ['open', 1013, '', 'limit'],
    ['open', 1013, '{"retry_after":7}', { verdict: 'limit', retryAfterMs: 7_000 }],
    ['open', 1014, '', 'ambiguous'],
    // Codes that other servers gave a meaning have none here.
    ['open', 4000, '', 'ambiguous'],
    ['open', 4005, '', 'ambiguous'],
    ['open', 4009, '', 'ambiguous'],
    ['open', 4100, '', 'ambiguous'],
    ['open', 4401, '', 'ambiguous'],
    ['open', 4403, '', 'ambiguous'],
    ['open', 4999, '', 'ambiguous'],
    ['open', 1006, 'Authentication required', 'ambiguous'],
    ['open', 1008, 'Session not found', 'ambiguous'],
    ['open', 1001, 'Session ended', 'going-away'],
  ])('while %s: %i %j means %j', (phase, code, reason, verdict) => {
    expect(judge({ phase, code, reason })).toEqual(verdict);
  });

  it('S15 no code at all, known or not, says more than that the link has to stop', () => {
    const seen = new Set<unknown>();
    for (let code = 1000; code <= 4999; code++) seen.add(judge({ code }));
    expect(seen).toEqual(new Set(['ambiguous', 'forbidden', 'going-away', 'limit', 'protocol']));
  });
});

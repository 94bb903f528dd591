import { describe, expect, it } from 'vitest';
import { closeTable, jsonProtocol, type CloseFacts, type Frame } from '../../src/protocols';
import { clientInWorld } from '../scenarios/clientInWorld';
import { closeTriples, titledTriples } from './closeTriples';

const protocol = jsonProtocol();
const facts: CloseFacts = { code: 1008, reason: '', phase: 'open', lastVerdict: null };

describe('S3-F the default table', () => {
  it.each(titledTriples)('S3-F %s', (_title, { code, reason, frame, verdict, retryAfterMs }) => {
    const read = frame && (protocol.read(JSON.stringify(frame)) as Frame<unknown>);
    const lastVerdict = read?.kind === 'verdict' ? read.verdict : null;
    for (const phase of ['dialing', 'authenticating', 'open'] as const) {
      expect(protocol.judgeClose({ code, reason, phase, lastVerdict })).toEqual(
        retryAfterMs === undefined ? verdict : { verdict, retryAfterMs },
      );
    }
  });

  it('S3-F holds at least forty of them, in all eight meanings', () => {
    expect(closeTriples.length).toBeGreaterThanOrEqual(40);
    expect(new Set(closeTriples.map(({ verdict }) => verdict)).size).toBe(8);
  });

  it('S3-F S15 no code from 3000 to 4999 means anything without a word', () => {
    for (let code = 3000; code <= 4999; code++) {
      expect(protocol.judgeClose({ ...facts, code })).toBe('ambiguous');
      expect(protocol.judgeClose({ ...facts, code, reason: 'bye' })).toBe('ambiguous');
    }
  });

  it('S3-F S18 codes outside the standard mean nothing either', () => {
    for (const code of [0, 999, 1004, 1016, 2000, 2999, 5000, 65_535, -1, NaN])
      expect(protocol.judgeClose({ ...facts, code })).toBe('ambiguous');
  });
});

describe('S3-F what an application renames', () => {
  const judge = closeTable({ 4401: 'expired', '1008:kicked': 'revoked' });

  it.each([
    [4401, '', null, 'expired'],
    [4401, 'Unauthorized', null, 'expired'],
    // Its own code is asked before any word.
    [4401, '{"code":"forbidden"}', null, 'expired'],
    [4401, '', 'going-away', 'expired'],
    [1008, 'kicked', null, 'revoked'],
    [1008, '{"code":"kicked"}', null, 'revoked'],
    [1008, 'Kicked', null, 'ambiguous'],
    [1008, '', null, 'ambiguous'],
    [1000, 'kicked', null, 'ambiguous'],
    [4403, '', null, 'ambiguous'],
    // What it did not name means what it meant.
    [1008, 'token_expired', null, 'expired'],
    [1013, '', null, 'limit'],
    [1008, 'auth failed', 'expired', 'expired'],
  ] as const)('S3-F %i %j after %j means %s', (code, reason, lastVerdict, verdict) => {
    expect(judge({ ...facts, code, reason, lastVerdict })).toBe(verdict);
  });

  it('X07 takes no meaning from the prototype of what it is given', () => {
    const reason = (word: string) => closeTable({})({ ...facts, code: 4000, reason: word });
    for (const word of ['__proto__', 'constructor', 'toString', '{"code":"__proto__"}', '{"__proto__":1}'])
      expect(reason(word)).toBe('ambiguous');
  });
});

describe('X08 reasons that were made to cost time', () => {
  it.each([
    ['a megabyte of words', 'expired '.repeat(131_072)],
    ['a megabyte of brackets', '{'.repeat(1_000_000)],
    ['brackets that fit', '{'.repeat(1_000)],
    ['arrays that fit', `{"code":${'['.repeat(980)}`],
    ['a megabyte of spaces', ' '.repeat(1_000_000)],
    ['spaces that fit', `${' '.repeat(990)}x`],
    ['a megabyte of JSON', JSON.stringify({ code: 'x'.repeat(1_000_000) })],
    ['almost a phrase', 'session invali '.repeat(66)],
    ['nothing but zeros', '\u0000'.repeat(1_000)],
    ['half a character', '\ud800'.repeat(1_000)],
  ])('X08 %s', (_name, reason) => {
    // The quickest of several: what the machine does beside it is not ours.
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      expect(protocol.judgeClose({ ...facts, code: 4000, reason })).toBe('ambiguous');
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });

  it.each(['-1', '"2"', 'null', '{}', '[]', '1e999', 'true'])('X08 a wait of %s is none', wait => {
    const reason = `{"code":"rate_limited","retry_after":${wait}}`;
    expect(protocol.judgeClose({ ...facts, reason })).toBe('limit');
  });
});

describe('S3-F what a verdict does to a session', () => {
  it('S3-F S15 no close signs anybody out, however often it comes', async () => {
    for (const { code, reason, frame } of closeTriples) {
      const client = clientInWorld();
      const { world, socket } = client;
      await client.open();
      for (let round = 0; round < 3; round++) {
        if (world.server.connections.length === 0 || !world.server.last.isOpen) break;
        if (frame) world.server.last.send(frame);
        world.server.last.close(code, reason);
        await world.clock.advance(70_000);
      }
      expect(client.ends).toEqual([]);
      expect(socket.getStatus().session).not.toBe('signed-out');
      await client.end();
    }
  });
});

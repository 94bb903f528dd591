import { describe, expect, it } from 'vitest';
import { answerKind, signedIn, signedOut, tokenRejected, unavailable } from '../../src/machine/tokenAnswer';

describe('an answer', () => {
  it.each<[string, unknown, ReturnType<typeof answerKind>]>([
    ['signedIn()', signedIn(), 'signed-in'],
    ['signedIn({ … })', signedIn({ subject: 'ada', expiresInMs: 1 }), 'signed-in'],
    ['signedOut()', signedOut(), 'signed-out'],
    ['unavailable()', unavailable(), 'unavailable'],
    ['unavailable({ … })', unavailable({ retryAfterMs: 1 }), 'unavailable'],
    ['tokenRejected()', tokenRejected(), 'token-rejected'],
    [
      'one of another copy of the package',
      { [Symbol.for('react-auth-socket.answer')]: 'signed-out' },
      'signed-out',
    ],
    ['a token', 'signed-out', undefined],
    ['a grant', { token: 'signed-out' }, undefined],
    ['null', null, undefined],
    ['undefined', undefined, undefined],
    ['a number', 401, undefined],
    ['a look-alike without the brand', { kind: 'signed-out', reason: 'x' }, undefined],
    ['JSON of an answer', JSON.parse(JSON.stringify(signedOut())), undefined],
    ['a function', signedOut, undefined],
  ])('%s is known for what it is', (_, value, kind) => {
    expect(answerKind(value)).toBe(kind);
  });

  it('carries what it was given', () => {
    const cause = new Error('503');
    expect(signedIn({ subject: 'ada', expiresInMs: 5 })).toMatchObject({ subject: 'ada', expiresInMs: 5 });
    expect(unavailable({ retryAfterMs: 7, cause })).toMatchObject({ retryAfterMs: 7, cause });
    expect(signedOut('idle').reason).toBe('idle');
    expect(signedOut().reason).toBe('signed-out');
    expect(signedOut(42 as never).reason).toBe('42');
  });
});

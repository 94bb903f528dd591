import { describe, expect, it } from 'vitest';
import { askAgainTime, lifeOf, refreshTime, type GrantFacts } from '../../src/machine/credential';

const NOW = 1_800_000_000_000;
const MIN = 60_000;

const jwt = (iat: number | null, exp: number | null, more: Partial<GrantFacts> = {}): GrantFacts => ({
  id: 1,
  isBearer: true,
  issuedAt: iat === null ? null : NOW + iat,
  expiresAt: exp === null ? null : NOW + exp,
  expiresInMs: null,
  subject: null,
  isFresh: false,
  ...more,
});

describe('the life of a grant', () => {
  // Facts, when it was asked for, what skew is known -> when it ends, what skew is known now; all relative to NOW.
  it.each<[string, GrantFacts, number, number | null, number | null, number | null]>([
    ['opaque and silent: unknown', jwt(null, null), 0, null, null, null],
    ['opaque and silent keeps the known skew', jwt(null, null), 0, 5, null, 5],
    ['exp alone is believed', jwt(null, 5 * MIN), 0, null, 5 * MIN, null],
    ['now within iat and exp: what is left', jwt(-MIN, 4 * MIN), 0, null, 4 * MIN, null],
    ['a clock behind the server: the whole life from now', jwt(60 * MIN, 65 * MIN), 0, null, 5 * MIN, null],
    ['a clock ahead of the server: looks expired', jwt(-65 * MIN, -60 * MIN), 0, null, -60 * MIN, null],
    [
      'a fresh one counts from the asking',
      jwt(-65 * MIN, -60 * MIN, { isFresh: true }),
      -2_000,
      null,
      5 * MIN - 2_000,
      65 * MIN - 2_000,
    ],
    [
      'a fresh one on a clock behind',
      jwt(60 * MIN, 65 * MIN, { isFresh: true }),
      0,
      null,
      5 * MIN,
      -60 * MIN,
    ],
    ['a fresh one outranks a known skew', jwt(-10, 5 * MIN, { isFresh: true }), 0, 77, 5 * MIN + 10, 10],
    [
      'a fresh one without iat measures nothing',
      jwt(null, 5 * MIN, { isFresh: true }),
      0,
      null,
      5 * MIN,
      null,
    ],
    ['a known skew moves exp', jwt(-60 * MIN, -55 * MIN), 0, 60 * MIN, 5 * MIN, 60 * MIN],
    [
      'expires_in counts from the asking',
      jwt(null, null, { expiresInMs: 5 * MIN }),
      -3_000,
      null,
      5 * MIN - 3_000,
      null,
    ],
    [
      'expires_in outranks exp and measures the skew',
      jwt(-MIN, 60 * MIN, { expiresInMs: 5 * MIN }),
      0,
      null,
      5 * MIN,
      -55 * MIN,
    ],
    [
      'expires_in outranks a fresh exp',
      jwt(0, 60 * MIN, { expiresInMs: 5 * MIN, isFresh: true }),
      0,
      9,
      5 * MIN,
      -55 * MIN,
    ],
    ['expires_in of 0 is over at once', jwt(null, null, { expiresInMs: 0 }), 0, null, 0, null],
  ])('%s', (_, facts, askedAt, skewMs, ends, skewAfter) => {
    const life = lifeOf(facts, NOW + askedAt, NOW, skewMs);
    expect(life).toEqual({ expiresAt: ends === null ? null : NOW + ends, skewMs: skewAfter });
  });
});

describe('the time of the refresh', () => {
  it.each<[string, number, number, number, number]>([
    ['is the lead before the end', 15 * MIN, 2 * MIN, 0, 13 * MIN],
    ['comes up to a tenth of the lead earlier', 15 * MIN, 2 * MIN, 0.5, 12.9 * MIN],
    ['is at half of a short life', MIN, 2 * MIN, 0, 0.5 * MIN],
    ['comes up to a tenth earlier in a short life too', MIN, 2 * MIN, 0.5, 0.475 * MIN],
    ['is in the future of a life of two seconds', 2_000, 2 * MIN, 0.999, 1_000 - 99.9],
    ['is the end where there is no lead', 15 * MIN, 0, 0.5, 15 * MIN],
  ])('%s', (_, life, lead, random, expected) => {
    expect(refreshTime(NOW + life, NOW, lead, random) - NOW).toBeCloseTo(expected);
  });

  it.each([
    ['half of what remains', 60_000, 30_000],
    ['a second at least', 1_500, 1_000],
    ['a second also past the end', -5_000, 1_000],
  ])('after the same token again is %s', (_, left, expected) => {
    expect(askAgainTime(NOW + left, NOW) - NOW).toBe(expected);
  });
});

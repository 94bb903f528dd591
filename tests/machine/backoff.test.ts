import { describe, expect, it } from 'vitest';
import {
  budgetOpensAt,
  dialWait,
  namedWait,
  recent,
  tokenWait,
  type WaitCause,
  type WaitFacts,
} from '../../src/machine/backoff';
import { defaultSettings } from '../../src/machine/settings';

/** The greatest random number there is, near enough. */
const MOST = 1 - Number.EPSILON;

const facts: Omit<WaitFacts, 'random'> = {
  attempt: 1,
  isVisible: true,
  isOnline: true,
  isEager: false,
  namedMs: undefined,
};

describe('the wait before a dial', () => {
  it.each<[string, WaitCause, Partial<WaitFacts>, number, number]>([
    ['asked for', 'asked', {}, 0, 0],
    ['after a wake', 'woken', {}, 0, 500],
    ['after a stable life, visible', 'lost', {}, 0, 800],
    ['after a stable life, hidden', 'lost', { isVisible: false }, 0, 8_000],
    ['after the 1st failure', 'failed', {}, 250, 500],
    ['after the 2nd failure', 'failed', { attempt: 2 }, 250, 1_000],
    ['after the 3rd failure', 'failed', { attempt: 3 }, 250, 2_000],
    ['after the 6th failure', 'failed', { attempt: 6 }, 250, 16_000],
    ['after the 7th failure', 'failed', { attempt: 7 }, 250, 30_000],
    ['after the 5000th failure', 'failed', { attempt: 5_000 }, 250, 30_000],
    ['after a failure in a hidden page', 'failed', { attempt: 3, isVisible: false }, 250, 2_000],
    ['after a failure within a minute of a wake', 'failed', { attempt: 9, isEager: true }, 3_200, 4_500],
    ['after a failure while offline', 'failed', { isOnline: false }, 30_000, 30_000],
    ['after a failure while offline and eager', 'failed', { isOnline: false, isEager: true }, 30_000, 30_000],
    ['for a server that is going away', 'going-away', {}, 0, 8_000],
    ['for a server that names 20 s and is going away', 'going-away', { namedMs: 20_000 }, 20_000, 22_000],
    ['for a limit without a time', 'limit', {}, 2_000, 60_000],
    ['for a limit of 90 s', 'limit', { namedMs: 90_000 }, 90_000, 99_000],
    ['for a limit of a day', 'limit', { namedMs: 86_400_000 }, 300_000, 330_000],
    [
      'for a limit of 10 s within a minute of a wake',
      'limit',
      { namedMs: 10_000, isEager: true },
      10_000,
      11_000,
    ],
  ])('%s is within its bounds', (_, cause, given, least, most) => {
    const wait = (random: number) => dialWait(cause, { ...facts, ...given, random }, defaultSettings);
    expect(wait(0)).toBeCloseTo(least);
    expect(wait(MOST)).toBeCloseTo(most);
    const half = wait(0.5);
    expect(half).toBeGreaterThanOrEqual(least);
    expect(half).toBeLessThanOrEqual(most);
  });

  it('follows the application in the size of the ladder', () => {
    const settings = { ...defaultSettings, minMs: 2_000, maxMs: 5_000 };
    const wait = (attempt: number) => dialWait('failed', { ...facts, attempt, random: 0.5 }, settings);
    expect([1, 2, 3, 4].map(wait)).toEqual([1_000, 2_000, 2_500, 2_500]);
  });
});

describe('a wait that the server names', () => {
  it.each([
    [0, 0.5, 0],
    [1_000, 0, 1_000],
    [1_000, 0.5, 1_050],
    [300_000, 0, 300_000],
    [300_001, 0.5, 315_000],
  ])('of %d ms with random %d is %d ms', (namedMs, random, expected) => {
    expect(namedWait(namedMs, random)).toBeCloseTo(expected);
  });
});

describe('the wait before the next token call', () => {
  it.each<[string, number, boolean, number, number, number]>([
    ['after the 1st failure', 1, false, Infinity, 250, 500],
    ['after the 2nd failure', 2, false, Infinity, 500, 1_000],
    ['after the 7th failure', 7, false, Infinity, 15_000, 30_000],
    ['after the 700th failure', 700, false, Infinity, 15_000, 30_000],
    ['with 20 s left in the token', 7, false, 20_000, 5_000, 10_000],
    ['with nothing left in the token', 7, false, 0, 500, 1_000],
    ['within a minute of a wake', 7, true, Infinity, 3_200, 4_500],
    ['within a minute of a wake, early on the ladder', 1, true, Infinity, 250, 500],
  ])('%s is within its bounds', (_, failures, isEager, leftMs, least, most) => {
    const wait = (random: number) => tokenWait(failures, random, isEager, leftMs, defaultSettings);
    expect(wait(0)).toBeCloseTo(least);
    expect(wait(MOST)).toBeCloseTo(most);
  });
});

describe('the budget of a minute', () => {
  const starts = Array.from({ length: 20 }, (_, n) => n * 100);

  it('forgets starts after a minute', () => {
    expect(recent([0, 1, 59_999, 60_000], 60_001)).toEqual([59_999, 60_000]);
  });

  it.each<[string, number[], number]>([
    ['is open at the beginning', [], -Infinity],
    ['is open after 19 starts', starts.slice(1), -Infinity],
    ['opens a minute after the 20th last start', starts, 60_000],
    ['counts the newest 20 only', [...starts, 5_000], 60_100],
  ])('%s', (_, given, expected) => {
    expect(budgetOpensAt(given)).toBe(expected);
  });
});

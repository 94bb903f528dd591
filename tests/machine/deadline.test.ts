import { describe, expect, it } from 'vitest';
import { deadlineIn, stillOpen, type Deadline } from '../../src/machine/deadline';

const firm: Deadline = { at: 10_000, isGrace: false };
const grace: Deadline = { at: 10_000, isGrace: true };

describe('a deadline', () => {
  it('counts from the elapsed time, never from the wall clock', () => {
    expect(deadlineIn(2_500, 10_000)).toEqual({ at: 12_500, isGrace: false });
  });

  it.each<[string, Deadline, number, Deadline | null]>([
    ['is watched until it comes', firm, 9_999, firm],
    ['has passed when it comes', firm, 10_000, null],
    ['has passed when it is noticed a second late', firm, 11_000, null],
    ['gets a second of grace when it is noticed later', firm, 11_001, { at: 12_001, isGrace: true }],
    ['counts its grace from the moment of noticing', firm, 3_600_000, { at: 3_601_000, isGrace: true }],
    ['has passed after its grace', grace, 10_000, null],
    ['gets no second grace', grace, 3_600_000, null],
  ])('%s', (_, deadline, elapsedMs, expected) => {
    expect(stillOpen(deadline, elapsedMs)).toEqual(expected);
  });
});

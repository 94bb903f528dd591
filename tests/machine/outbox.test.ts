import { describe, expect, it } from 'vitest';
import { enqueue, prune, type OutboxLimits, type Queued } from '../../src/machine/outbox';

const limits: OutboxLimits = { max: 3, maxAgeMs: 60_000, overflow: 'drop-newest' };
const queueOf = (...ats: number[]): Queued<string>[] => ats.map(at => ({ message: `at ${at}`, at }));
const atsOf = (queue: readonly Queued<string>[]) => queue.map(item => item.at);

describe('the queue', () => {
  it.each<[string, number[], Partial<OutboxLimits>, number[], number | null]>([
    ['appends', [1, 2], {}, [1, 2, 9], null],
    ['refuses the newest when it is full', [1, 2, 3], {}, [1, 2, 3], 9],
    ['gives up the oldest when told so', [1, 2, 3], { overflow: 'drop-oldest' }, [2, 3, 9], 1],
    ['of length 0 takes nothing', [], { max: 0 }, [], 9],
    ['of length 0 takes nothing whichever goes first', [], { max: 0, overflow: 'drop-oldest' }, [], 9],
  ])('%s', (_, before, given, after, overflowed) => {
    const queue = queueOf(...before);
    const result = enqueue(queue, { message: 'at 9', at: 9 }, { ...limits, ...given });
    expect(atsOf(result.queue)).toEqual(after);
    expect(result.overflowed?.at ?? null).toBe(overflowed);
    expect(atsOf(queue)).toEqual(before);
  });

  it.each<[string, number[], number, number[], number[]]>([
    ['keeps what is as old as allowed', [0, 10], 60_000, [0, 10], []],
    ['gives up what is older', [0, 10, 20], 60_010, [10, 20], [0]],
    ['gives up everything after a long absence', [0, 10], 3_600_000, [], [0, 10]],
    ['has nothing to give up when empty', [], 3_600_000, [], []],
  ])('%s', (_, before, elapsedMs, kept, expired) => {
    const result = prune(queueOf(...before), elapsedMs, limits);
    expect(atsOf(result.queue)).toEqual(kept);
    expect(atsOf(result.expired)).toEqual(expired);
  });

  it('is the same queue when nothing was too old', () => {
    const queue = queueOf(0);
    expect(prune(queue, 1, limits).queue).toBe(queue);
  });
});

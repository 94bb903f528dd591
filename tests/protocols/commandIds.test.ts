import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commandIds } from '../../src/protocols/commandIds';

it('numbers commands from 1', () => {
  const ids = commandIds();
  expect([ids.onWire(undefined), ids.onWire(undefined), ids.next(), ids.onWire(undefined)]).toEqual([
    1, 2, 3, 4,
  ]);
});

it('leaves an id alone that is ahead of all others', () => {
  const ids = commandIds();
  expect(ids.onWire(7)).toBe(7);
  expect(ids.next()).toBe(8);
  expect(ids.onWire(8)).toBe(8);
  expect(ids.onWire(undefined)).toBe(9);
  expect([7, 8, 9].map(ids.ofApp)).toEqual([7, 8, 9]);
});

it('gives a new one for an id that fell behind, and translates the answers', () => {
  const ids = commandIds();
  const late = ids.next();
  const overtaking = ids.onWire(undefined);
  const wireId = ids.onWire(late);
  expect(wireId).toBeGreaterThan(overtaking);
  expect(ids.ofApp(wireId)).toBe(late);
  expect(ids.ofApp(overtaking)).toBe(overtaking);
  expect(ids.lastOnWire(late)).toBe(wireId);
});

it('knows under which name an id was sent last', () => {
  const ids = commandIds();
  expect(ids.lastOnWire(5)).toBe(5);
  ids.onWire(5);
  expect(ids.lastOnWire(5)).toBe(5);
  const [second, third] = [ids.onWire(5), ids.onWire(5)];
  ids.ofApp(second);
  expect(ids.lastOnWire(5)).toBe(third);
});

it('keeps the translations that are in use, and a thousand in all', () => {
  const ids = commandIds();
  ids.onWire(1);
  const inUse = ids.onWire(1);
  const forgotten = ids.onWire(1);
  for (let sent = 0; sent < 5_000; sent += 1) {
    ids.onWire(1);
    expect(ids.ofApp(inUse)).toBe(1);
  }
  expect(ids.ofApp(forgotten)).toBe(forgotten);
});

it('grows on the wire, whatever the application does', () => {
  const use = fc.oneof(
    fc.constant('next' as const),
    fc.constant(undefined),
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 1, max: 2 ** 52 - 1_000 }),
  );
  fc.assert(
    fc.property(fc.array(use, { maxLength: 100 }), uses => {
      const ids = commandIds();
      const seen = new Set<number>();
      let last = 0;
      for (const one of uses) {
        if (one === 'next') {
          const reserved = ids.next();
          expect(seen).not.toContain(reserved);
          continue;
        }
        const wireId = ids.onWire(one);
        expect(wireId).toBeGreaterThan(last);
        expect(ids.ofApp(wireId)).toBe(one ?? wireId);
        seen.add(wireId);
        last = wireId;
      }
    }),
  );
});

import { expect, it } from 'vitest';
import { faults, realWorldIds } from '../faults';
import { faultCoverage, idsIn } from './faultCoverage';
import type { TestRecord } from './testReport';

const test = (title: string, part: Partial<TestRecord> = {}): TestRecord => ({
  project: 'unit',
  file: 'a.test.ts',
  title,
  state: 'passed',
  durationMs: 1,
  errors: [],
  ...part,
});
const report = (...tests: TestRecord[]) => ({ tests, problems: [], hasEnded: true });

it('reads every id of a title, and nothing that merely looks like one', () => {
  expect(idsIn('a suite S2-C S17 and P1b, T04: the token is aborted (L09)')).toEqual([
    'S2-C',
    'S17',
    'P1b',
    'T04',
    'L09',
  ]);
  expect(idsIn('RFC3339, S256, UTC04 and XS12-A are no ids')).toEqual([]);
});

it('counts passed tests by project', () => {
  const { covered } = faultCoverage(
    report(
      test('T01 one'),
      test('T01 two'),
      test('T01 three', { project: 'wire' }),
      test('T01', { state: 'skipped' }),
    ),
    { faults: { T01: '' }, realWorldIds: [] },
  );
  expect([...(covered.get('T01') ?? [])]).toEqual([
    ['unit', 2],
    ['wire', 1],
  ]);
});

it('names what is missing, what is missing outside fakes, and ids that nobody knows', () => {
  const coverage = faultCoverage(report(test('T01 T99'), test('K01', { state: 'failed' })), {
    faults: { T01: '', K01: '' },
    realWorldIds: ['T01'],
  });
  expect(coverage.missing).toEqual(['K01']);
  expect(coverage.missingInRealWorld).toEqual(['T01']);
  expect(coverage.unknown).toEqual(['T99']);
});

it('the catalogue knows every id that it lists apart', () => {
  const ids = Object.keys(faults);
  expect(realWorldIds.filter(id => !ids.includes(id))).toEqual([]);
});

import { expect, it } from 'vitest';
import { judgeMutant } from './judgeMutant';
import type { Mutant } from './mutantList';
import type { TestRecord, TestReport } from './testReport';

const mutant: Mutant = { name: 'a break', file: 'src/a.ts', find: 'a', replace: 'b', expects: ['T01'] };

const test = (title: string, state: TestRecord['state'], file = 'tests/machine/a.test.ts'): TestRecord => ({
  project: 'unit',
  file,
  title,
  state,
  durationMs: 1,
  errors: [],
});
const report = (tests: TestRecord[], hasEnded = true): TestReport => ({ tests, problems: [], hasEnded });

const baseline = report([test('T01 retries', 'passed'), test('K01 keeps time', 'passed')]);

it('a break is noticed when a test of its own id turns red', () => {
  const verdict = judgeMutant(
    mutant,
    baseline,
    report([test('T01 retries', 'failed'), test('K01 keeps time', 'passed')]),
  );
  expect(verdict).toEqual({ isNoticed: true, redIds: ['T01'], redTitles: ['T01 retries'] });
});

it('a break that only turns other tests red is unnoticed', () => {
  const verdict = judgeMutant(
    mutant,
    baseline,
    report([test('T01 retries', 'passed'), test('K01 keeps time', 'failed')]),
  );
  expect(verdict).toMatchObject({ isNoticed: false, redIds: ['K01'], why: 'These stayed green: T01.' });
});

it('a test that was red before proves nothing', () => {
  const verdict = judgeMutant(
    mutant,
    report([test('T01 retries', 'failed')]),
    report([test('T01 retries', 'failed')]),
  );
  expect(verdict.isNoticed).toBe(false);
});

it('a run that had to be stopped turns red what it kept from ending', () => {
  const verdict = judgeMutant(mutant, baseline, report([test('K01 keeps time', 'passed')], false));
  expect(verdict).toMatchObject({ isNoticed: true, why: 'The run never ended and was stopped.' });
});

it('a break that keeps files from loading proves nothing', () => {
  expect(judgeMutant(mutant, baseline, report([])).isNoticed).toBe(false);
  expect(judgeMutant(mutant, baseline, report([test('K01 keeps time', 'passed')])).isNoticed).toBe(false);
});

it('only the files that the break asked for are compared', () => {
  const wide = report([...baseline.tests, test('T01 elsewhere', 'passed', 'tests/react/b.test.tsx')]);
  const verdict = judgeMutant(
    { ...mutant, tests: ['tests/machine'] },
    wide,
    report([test('T01 retries', 'failed'), test('K01 keeps time', 'passed')]),
  );
  expect(verdict.redTitles).toEqual(['T01 retries']);
});

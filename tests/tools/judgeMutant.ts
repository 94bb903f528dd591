import { idsIn } from './faultCoverage';
import type { Mutant } from './mutantList';
import type { TestRecord, TestReport } from './testReport';

/** What the tests say about one break. */
export interface MutantVerdict {
  isNoticed: boolean;
  /** Ids whose tests passed before and do not now. */
  redIds: readonly string[];
  redTitles: readonly string[];
  /** Set when the answer needs an explanation. */
  why?: string;
}

const keyOf = (test: TestRecord) => `${test.project} ${test.file} ${test.title}`;

/** Compares a run with the break to the run without it. */
export function judgeMutant(mutant: Mutant, baseline: TestReport, broken: TestReport): MutantVerdict {
  if (broken.tests.length === 0)
    return { isNoticed: false, redIds: [], redTitles: [], why: 'No test ran: the break does not even load.' };

  const wasRun = (test: TestRecord) =>
    mutant.tests === undefined || mutant.tests.some(part => test.file.includes(part));
  const before = baseline.tests.filter(test => test.state === 'passed' && wasRun(test));
  const stillPasses = new Set(broken.tests.filter(test => test.state === 'passed').map(keyOf));
  const reported = new Set(broken.tests.map(keyOf));
  // A test that never reported is red only when the run was stopped over it, not when its file failed to load.
  const red = before.filter(
    test => !stillPasses.has(keyOf(test)) && (reported.has(keyOf(test)) || !broken.hasEnded),
  );
  const redIds = [...new Set(red.flatMap(test => idsIn(test.title)))].sort();
  const missed = mutant.expects.filter(id => !redIds.includes(id));
  const verdict = { isNoticed: missed.length === 0, redIds, redTitles: red.map(test => test.title) };
  if (missed.length > 0) return { ...verdict, why: `These stayed green: ${missed.join(' ')}.` };
  if (!broken.hasEnded) return { ...verdict, why: 'The run never ended and was stopped.' };
  return verdict;
}

import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One finished test. */
export interface TestRecord {
  project: string;
  /** Path below the repository. */
  file: string;
  /** Names of the suites and of the test, joined by spaces. */
  title: string;
  state: 'passed' | 'failed' | 'skipped';
  durationMs: number;
  errors: readonly string[];
}

/** What a run of the suite leaves behind for the tools that read it. */
export interface TestReport {
  tests: readonly TestRecord[];
  /** Files that could not be loaded, rejections that nobody handled, and the like. */
  problems: readonly string[];
  /** False when the run was stopped before its end. */
  hasEnded: boolean;
}

type ReportLine = { test: TestRecord } | { problem: string } | { hasEnded: true };

/** The report is a file of JSON lines, so that a run that hangs still tells what it did. */
export const reportPath = (root: string): string =>
  process.env.TEST_REPORT ?? join(root, 'node_modules/.cache/react-auth-socket/report.jsonl');

/** Writes one line of the report. */
export const reportLine = (line: ReportLine): string => `${JSON.stringify(line)}\n`;

/** Makes sure that the folder of the report exists. */
export const makeReportFolder = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true });
};

/** Reads a report; throws when there is none. */
export function readReport(path: string): TestReport {
  const tests: TestRecord[] = [];
  const problems: string[] = [];
  let hasEnded = false;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    const parsed = JSON.parse(line) as ReportLine;
    if ('test' in parsed) tests.push(parsed.test);
    else if ('problem' in parsed) problems.push(parsed.problem);
    else hasEnded = true;
  }
  return { tests, problems, hasEnded };
}

/** The last line of every run. */
export function countLine(report: TestReport): string {
  const count = (state: TestRecord['state']) => report.tests.filter(test => test.state === state).length;
  return `${count('passed')} passed, ${count('failed') + report.problems.length} failed, ${count('skipped')} skipped`;
}

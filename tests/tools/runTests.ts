import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale } from './build';
import { findChromium } from './findChromium';
import { findRedis } from './findRedis';
import { countLine, readReport, reportPath } from './testReport';

/**
 * `npm test`: finds a browser and Redis, builds the package when needed, runs every project once and ends with a line of
 * counts. Arguments go to Vitest: `npm test -- tests/machine` or `npm test -- --project unit`.
 */

const root = join(import.meta.dirname, '../..');
const vitestArgs = process.argv.slice(2);

process.exitCode = run();

function run(): number {
  const env: NodeJS.ProcessEnv = { ...process.env };
  const mentions = (word: string) => vitestArgs.length === 0 || vitestArgs.some(arg => arg.includes(word));
  try {
    if (mentions('browser') || mentions('storybook') || mentions('long')) env.CHROMIUM = findChromium();
    if (mentions('wire') || mentions('server') || mentions('session')) env.REDIS_SERVER = findRedis();
    if (mentions('package') || mentions('browser') || mentions('long')) buildIfStale(root);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }

  const path = reportPath(root);
  rmSync(path, { force: true });
  const vitest = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=./tests/tools/reportWriter.ts',
      ...vitestArgs,
    ],
    { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] },
  );

  return conclude(path, vitest.status);
}

/** Prints what to look at and the counts; returns the exit code. */
function conclude(path: string, vitestStatus: number | null): number {
  let report;
  try {
    report = readReport(path);
  } catch {
    console.error('Vitest left no report: it did not start.');
    return 1;
  }
  const failed = report.tests.filter(test => test.state === 'failed');
  for (const test of failed) console.log(`FAILED  [${test.project}] ${test.file}: ${test.title}`);
  for (const problem of report.problems) console.log(`PROBLEM ${problem.split('\n')[0]}`);
  if (!report.hasEnded) console.log('PROBLEM the run was stopped before its end');
  if (report.tests.length === 0) console.log('PROBLEM no test ran');
  console.log(countLine(report));
  const isClean =
    vitestStatus === 0 &&
    report.hasEnded &&
    report.tests.length > 0 &&
    failed.length === 0 &&
    report.problems.length === 0;
  return isClean ? 0 : 1;
}

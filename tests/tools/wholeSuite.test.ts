import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { countLine, readReport, type TestReport } from './testReport';

const root = join(import.meta.dirname, '../..');
let folder: string | undefined;

afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

/** Runs one test file in a folder of its own, with the setup and the reporter of this suite. */
function runSuite(code: string): { status: number | null; report: TestReport } {
  folder = mkdtempSync(join(tmpdir(), 'suite-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'sample.test.ts'), `import { it } from 'vitest';\n${code}`);
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `export default { test: { setupFiles: [${JSON.stringify(join(root, 'tests/tools/silentConsole.ts'))}] } };`,
  );
  const path = join(folder, 'report.jsonl');
  const vitest = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      `--root=${folder}`,
      `--reporter=${join(root, 'tests/tools/reportWriter.ts')}`,
    ],
    { cwd: folder, env: { ...process.env, TEST_REPORT: path }, encoding: 'utf8' },
  );
  return { status: vitest.status, report: readReport(path) };
}

it('Z07 a rejection that nobody handles fails the run, although every test passed', () => {
  const { status, report } = runSuite(
    `it('passes', async () => { Promise.reject(new Error('forgotten')); await new Promise(r => setTimeout(r, 20)); });`,
  );
  expect(status).not.toBe(0);
  expect(report.problems.join()).toContain('forgotten');
  expect(countLine(report)).toBe('1 passed, 1 failed, 0 skipped');
});

it('Z07 a console line that nobody announced fails the test that printed it', () => {
  const { status, report } = runSuite(
    `it('talks', () => { console.error('a warning'); });\nit('is silent', () => {});`,
  );
  expect(status).not.toBe(0);
  expect(report.tests.map(test => [test.title, test.state])).toEqual([
    ['talks', 'failed'],
    ['is silent', 'passed'],
  ]);
});

it('a file that cannot be loaded fails the run', () => {
  const { status, report } = runSuite(`throw new Error('at import');`);
  expect(status).not.toBe(0);
  expect(report.problems.join()).toContain('at import');
});

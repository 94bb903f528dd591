import { join } from 'node:path';
import { faults, realWorldIds } from '../faults';
import { faultCoverage } from './faultCoverage';
import { readReport, reportPath, type TestReport } from './testReport';

/** `npm run coverage:faults`: which ids of `tests/faults.ts` the last run covered, and which it should have. */

process.exitCode = run();

function run(): number {
  let report: TestReport;
  try {
    report = readReport(reportPath(join(import.meta.dirname, '../..')));
  } catch {
    console.error('There is no test report yet: run `npm test` first.');
    return 1;
  }
  const coverage = faultCoverage(report, { faults, realWorldIds });
  for (const [id, byProject] of coverage.covered) {
    const counts = [...byProject].map(([project, count]) => `${project} ${count}`).join(', ');
    console.log(`${id.padEnd(5)} ${counts.padEnd(40)} ${faults[id]}`);
  }
  const list = (title: string, ids: readonly string[]) => {
    if (ids.length > 0) console.log(`${title} (${ids.length}): ${ids.join(' ')}`);
  };
  console.log(
    `\nRead from a run of ${report.tests.length} tests${report.hasEnded ? '' : ' that was stopped'}.`,
  );
  list('In titles but not in tests/faults.ts', coverage.unknown);
  list('MISSING', coverage.missing);
  list('MISSING in Chromium or against the real server', coverage.missingInRealWorld);
  const missing = coverage.missing.length + coverage.missingInRealWorld.length + coverage.unknown.length;
  console.log(`${coverage.covered.size} of ${Object.keys(faults).length} ids covered, ${missing} missing`);
  return missing === 0 ? 0 : 1;
}

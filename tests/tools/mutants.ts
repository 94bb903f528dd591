import { spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faults } from '../faults';
import { judgeMutant, type MutantVerdict } from './judgeMutant';
import { mutantList, type Mutant } from './mutantList';
import { readReport, type TestReport } from './testReport';

/**
 * `npm run mutants [-- words of a name …]`: applies each break of `mutantList` to a copy of the sources, runs
 * the tests and prints which ids turned red. Fails when a break goes unnoticed by the ids it names.
 */

const root = join(import.meta.dirname, '../..');
const copiesAtOnce = 2;
/** A break may loop for ever: what has not reported by then counts as red. */
const runTimeoutMs = 180_000;

const folders: string[] = [];
const children = new Set<ChildProcess>();

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    tidyUp();
    process.exit(130);
  });
}

try {
  process.exitCode = await run(process.argv.slice(2));
} finally {
  tidyUp();
}

async function run(words: readonly string[]): Promise<number> {
  const mutants = mutantList.filter(mutant => words.every(word => mutant.name.includes(word)));
  const complaints = mutants.flatMap(complaintsAbout);
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) return 1;
  if (mutants.length === 0) {
    console.error('No break has such a name.');
    return 1;
  }

  const copies = Array.from({ length: Math.min(copiesAtOnce, mutants.length) }, makeCopy);
  console.log('Running the tests without a break …');
  const [firstCopy] = copies;
  if (firstCopy === undefined) return 1;
  const baseline = await runTests(firstCopy, testsOfAll(mutants));
  if (baseline.problems.length > 0 || !baseline.hasEnded) {
    console.error(`The tests do not even run without a break:\n${baseline.problems.join('\n')}`);
    return 1;
  }

  const waiting = [...mutants];
  let unnoticed = 0;
  const work = async (copy: string) => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const verdict = judgeMutant(mutant, baseline, await runBroken(copy, mutant));
      if (!verdict.isNoticed) unnoticed += 1;
      print(mutant, verdict);
    }
  };
  await Promise.all(copies.map(work));
  console.log(`${mutants.length - unnoticed} of ${mutants.length} breaks turned their own tests red`);
  return unnoticed === 0 ? 0 : 1;
}

function complaintsAbout(mutant: Mutant): string[] {
  const complain = (what: string) => [`"${mutant.name}": ${what}`];
  const path = join(root, mutant.file);
  if (!existsSync(path)) return complain(`${mutant.file} does not exist`);
  const hits = readFileSync(path, 'utf8').split(mutant.find).length - 1;
  if (hits !== 1) return complain(`the text to replace occurs ${hits} times in ${mutant.file}, not once`);
  const unknown = mutant.expects.filter(id => !Object.hasOwn(faults, id));
  return unknown.length > 0 ? complain(`unknown ids ${unknown.join(' ')}`) : [];
}

/** Union of what the breaks need; nothing at all means everything. */
function testsOfAll(mutants: readonly Mutant[]): readonly string[] {
  const isEverything = mutants.some(mutant => mutant.tests === undefined);
  return isEverything ? [] : [...new Set(mutants.flatMap(mutant => mutant.tests ?? []))];
}

/** The work tree itself is never touched. */
function makeCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'mutant-'));
  folders.push(copy);
  for (const name of [
    'src',
    'tests',
    'storybook',
    'package.json',
    'tsconfig.json',
    'vite.config.ts',
    'tsup.config.ts',
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  // A folder of links, not a link to the folder: each copy keeps caches of its own.
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.'))
      symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
  return copy;
}

async function runBroken(copy: string, mutant: Mutant): Promise<TestReport> {
  const path = join(copy, mutant.file);
  const sound = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    sound.replace(mutant.find, () => mutant.replace),
  );
  try {
    return await runTests(copy, mutant.tests ?? []);
  } finally {
    writeFileSync(path, sound);
  }
}

async function runTests(copy: string, tests: readonly string[]): Promise<TestReport> {
  const report = join(copy, 'report.jsonl');
  rmSync(report, { force: true });
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--project=unit',
      '--project=dom',
      '--bail=0',
      '--maxWorkers=1',
      '--reporter=./tests/tools/reportWriter.ts',
      '--exclude=tests/tools/**',
      '--exclude=tests/*.test.ts',
      ...tests,
    ],
    { cwd: copy, env: { ...process.env, TEST_REPORT: report }, stdio: 'ignore', detached: true },
  );
  children.add(child);
  const timer = setTimeout(() => killTree(child), runTimeoutMs);
  await new Promise(resolve => child.on('close', resolve));
  clearTimeout(timer);
  children.delete(child);
  return existsSync(report) ? readReport(report) : { tests: [], problems: ['no report'], hasEnded: false };
}

function print(mutant: Mutant, verdict: MutantVerdict): void {
  console.log(`${verdict.isNoticed ? 'noticed  ' : 'UNNOTICED'} ${mutant.name}`);
  console.log(`          expected ${mutant.expects.join(' ')}; red ${verdict.redIds.join(' ') || 'nothing'}`);
  for (const title of verdict.redTitles.slice(0, 3)) console.log(`          - ${title}`);
  if (verdict.redTitles.length > 3) console.log(`          - and ${verdict.redTitles.length - 3} more`);
  if (verdict.why !== undefined) console.log(`          ${verdict.why}`);
}

function killTree(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function tidyUp(): void {
  for (const child of children) killTree(child);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

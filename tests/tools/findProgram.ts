import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Program {
  /** As people call it. */
  title: string;
  /** The environment variable that names one. */
  variable: string;
  commands: readonly string[];
  /** Where it may be beside the search path. */
  paths?: readonly string[];
  debianPackage: string;
}

const aptLockTimeoutSeconds = 300;

/**
 * Path of a program that the tests need: the one that its variable names, else one in the usual places, else Debian's
 * package, installed on the spot when that is allowed. Throws one sentence that says what to do.
 */
export function findProgram(program: Program): string {
  const { title, variable, debianPackage } = program;
  const named = process.env[variable];
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named;
    throw new Error(
      `${variable} is set to "${named}", which is not an executable file: correct it or unset it.`,
    );
  }
  const found = search(program) ?? (mayInstall() ? install(program) : undefined);
  if (found !== undefined) return found;
  throw new Error(
    `No ${title} found: install it (on Debian \`apt-get install ${debianPackage}\`) or set ${variable} to the path of one.`,
  );
}

function search({ commands, paths = [] }: Program): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/usr/local/bin', '/snap/bin');
  return folders
    .filter(folder => folder !== '')
    .flatMap(folder => commands.map(name => join(folder, name)))
    .concat(paths)
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && isDebian();
}

/** Only Debian itself: packages of the same name elsewhere may be stubs for another installer. */
function isDebian(): boolean {
  try {
    return /^ID=["']?debian["']?$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function install(program: Program): string | undefined {
  process.stderr.write(`Installing ${program.debianPackage} with apt-get …\n`);
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-qq', '-o', `DPkg::Lock::Timeout=${aptLockTimeoutSeconds}`, ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  apt('update');
  apt('install', '-y', '--no-install-recommends', program.debianPackage);
  return search(program);
}

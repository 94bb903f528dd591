import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const commandNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const usualPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const aptLockTimeoutSeconds = 300;

/**
 * Path of a Chromium to drive: `$CHROMIUM`, else one in the usual places, else Debian's package, installed on
 * the spot when that is allowed. Throws one sentence that says what to do.
 */
export function findChromium(): string {
  const named = process.env.CHROMIUM;
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named;
    throw new Error(
      `CHROMIUM is set to "${named}", which is not an executable file: correct it or unset it.`,
    );
  }
  const found = searchChromium() ?? (mayInstall() ? installChromium() : undefined);
  if (found !== undefined) return found;
  throw new Error(
    'No Chromium found: install it (on Debian `apt-get install chromium`) or set CHROMIUM to the path of one.',
  );
}

function searchChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/usr/local/bin', '/snap/bin');
  return folders
    .filter(folder => folder !== '')
    .flatMap(folder => commandNames.map(name => join(folder, name)))
    .concat(usualPaths)
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

/** Only Debian itself: the package of the same name on Ubuntu is a stub for another installer. */
function isDebian(): boolean {
  try {
    return /^ID=["']?debian["']?$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function installChromium(): string | undefined {
  process.stderr.write('Installing chromium with apt-get …\n');
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-qq', '-o', `DPkg::Lock::Timeout=${aptLockTimeoutSeconds}`, ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  apt('update');
  apt('install', '-y', '--no-install-recommends', 'chromium');
  return searchChromium();
}

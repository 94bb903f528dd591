import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildIfStale } from '../tools/build';

export const root = join(import.meta.dirname, '../..');

/** A folder outside the repository in which the built package is installed as an application would have it. */
export interface InstalledPackage {
  folder: string;
  /** Runs a script with plain Node in that folder; answers what it printed, read as JSON. Throws when it fails. */
  runModule(code: string): unknown;
  runCommonJs(code: string): unknown;
  remove(): void;
}

/** React releases under test, with the names under which they are installed here. */
export const reactReleases = [
  { version: '17.0.2', react: 'react-17', reactDom: 'react-dom-17' },
  { version: '18.3.1', react: 'react-18', reactDom: 'react-dom-18' },
  { version: '19', react: 'react', reactDom: 'react-dom' },
] as const;

/** Installs what `npm pack` would ship, beside the React release asked for. */
export function installPackage(release: (typeof reactReleases)[number] = reactReleases[2]): InstalledPackage {
  buildIfStale(root);
  const folder = mkdtempSync(join(tmpdir(), 'installed-'));
  const modules = join(folder, 'node_modules');
  const own = join(modules, 'react-auth-socket');
  mkdirSync(own, { recursive: true });
  for (const name of ['package.json', 'dist']) cpSync(join(root, name), join(own, name), { recursive: true });
  // Copies, because Node resolves a link's own imports where the link points to.
  copyWithDependencies(release.react, 'react', modules);
  copyWithDependencies(release.reactDom, 'react-dom', modules);
  copyWithDependencies('use-sync-external-store', 'use-sync-external-store', modules);
  symlinkSync(join(root, 'node_modules/jsdom'), join(modules, 'jsdom'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'application', private: true }));

  const run = (file: string, code: string): unknown => {
    writeFileSync(join(folder, file), code);
    const printed = execFileSync(process.execPath, [file], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
    });
    return JSON.parse(printed);
  };
  return {
    folder,
    runModule: code => run('script.mjs', code),
    runCommonJs: code => run('script.cjs', code),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Copies a package and, flattened, what it depends on. Peers are left to the caller. */
function copyWithDependencies(installedAs: string, name: string, modules: string, from = root): void {
  const manifestPath = createRequire(join(from, 'package.json')).resolve(`${installedAs}/package.json`);
  const target = join(modules, name);
  cpSync(dirname(manifestPath), target, { recursive: true });
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const dependency of Object.keys(manifest.dependencies ?? {}))
    copyWithDependencies(dependency, dependency, modules, dirname(manifestPath));
}

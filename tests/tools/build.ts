import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const configFiles = ['package.json', 'tsconfig.json', 'tsup.config.ts'];

/** True when `dist` is missing or older than what it is made from. */
export function isBuildStale(root: string): boolean {
  const stamp = join(root, 'dist/index.d.cts');
  if (!existsSync(stamp)) return true;
  const builtAt = statSync(stamp).mtimeMs;
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return [...configFiles, ...sources.map(path => join('src', path))].some(
    path => statSync(join(root, path)).mtimeMs > builtAt,
  );
}

/** Builds the package unless the last build is still good; throws when the build fails. */
export function buildIfStale(root: string): void {
  if (!isBuildStale(root)) return;
  process.stdout.write('Building dist …\n');
  const result = spawnSync(process.execPath, [join(root, 'node_modules/tsup/dist/cli-default.js')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.status !== 0) throw new Error('The build failed.');
}

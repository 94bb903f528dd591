import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installPackage, root } from '../../package/installedPackage';
import { killTree } from './processTree';

export type Bundler = 'Turbopack' | 'webpack';

/** The Next.js example in a folder outside the repository, with the built package and Next.js installed. */
export interface NextApp {
  /** Everything that the build printed. Throws if it fails, type errors included. */
  build(): Promise<string>;
  /** Serves the build on loopback; answers its address. */
  start(): Promise<string>;
  /** What the running server printed. */
  readonly serverOutput: string;
  close(): Promise<void>;
}

const modules = join(root, 'node_modules');
const startDeadlineMs = 20_000;

export function installNextApp(bundler: Bundler, backendUrl: string): NextApp {
  const { folder, remove } = installPackage();
  cpSync(join(root, 'tests/package/next'), folder, {
    recursive: true,
    filter: path => !/[\\/](?:node_modules|\.next|next-env\.d\.ts)$/.test(path),
  });
  // Copies: Turbopack compiles nothing outside of the project.
  copyWithDependencies('next', join(folder, 'node_modules'));
  // Only read by the type checker of the build.
  for (const name of ['@types', 'typescript', 'csstype'])
    symlinkSync(join(modules, name), join(folder, 'node_modules', name));

  const next = join(folder, 'node_modules/next/dist/bin/next');
  const run = (...args: string[]) =>
    spawn(process.execPath, [next, ...args], {
      cwd: folder,
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', BACKEND_URL: backendUrl },
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  let server: ChildProcess | undefined;
  let serverOutput = '';
  const kill = () => {
    if (server?.pid !== undefined) killTree(server.pid);
  };
  process.once('exit', kill);

  return {
    async build() {
      const building = run('build', bundler === 'webpack' ? '--webpack' : '--turbopack');
      let printed = '';
      for (const stream of [building.stdout, building.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
      const code = await new Promise<number | null>(resolve => building.once('close', resolve));
      if (code !== 0) throw new Error(`next build ended with ${code}:\n${printed}`);
      return printed;
    },
    async start() {
      const starting = run('start', '--hostname', '127.0.0.1', '--port', '0');
      server = starting;
      for (const stream of [starting.stdout, starting.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (serverOutput += text));
      const deadline = Date.now() + startDeadlineMs;
      while (Date.now() < deadline && starting.exitCode === null) {
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(serverOutput)?.[0];
        if (address !== undefined && serverOutput.includes('Ready')) return address;
        await delay(50);
      }
      throw new Error(`next start did not get ready:\n${serverOutput}`);
    },
    get serverOutput() {
      return serverOutput;
    },
    async close() {
      kill();
      process.off('exit', kill);
      if (server?.exitCode === null && server.signalCode === null)
        await new Promise(resolve => server?.once('exit', resolve));
      remove();
    },
  };
}

/** Copies a package, what it depends on, and the compiler that Next.js has for this machine. */
function copyWithDependencies(name: string, target: string, done = new Set<string>()): void {
  if (done.has(name)) return;
  done.add(name);
  const source = join(modules, name);
  if (!existsSync(join(target, name))) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    cpSync(source, join(target, name), { recursive: true });
  }
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'optionalDependencies',
    Record<string, string> | undefined
  >;
  const compilers = Object.keys(manifest.optionalDependencies ?? {}).filter(
    compiler => compiler.startsWith('@next/swc-') && existsSync(join(modules, compiler)),
  );
  for (const dependency of [...Object.keys(manifest.dependencies ?? {}), ...compilers])
    copyWithDependencies(dependency, target, done);
}

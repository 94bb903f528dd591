import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildIfStale } from '../tools/build';
import { root } from './installedPackage';

interface Manifest {
  exports: Record<string, string | Record<'import' | 'require', Record<'types' | 'default', string>>>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  scripts: Record<string, string>;
  sideEffects: boolean;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const dist = (name: string) => readFileSync(join(root, 'dist', name), 'utf8');
const built = (pattern: RegExp) =>
  readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' }).filter(name => pattern.test(name));

beforeAll(() => {
  buildIfStale(root);
});

describe('package.json', () => {
  it('X12 has exactly one runtime dependency, and React as its only peer', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['use-sync-external-store']);
    expect(manifest.peerDependencies).toEqual({ react: '>=17' });
  });

  it('X12 has no script that runs at installation', () => {
    const atInstallation = [
      'preinstall',
      'install',
      'postinstall',
      'prepare',
      'prepublish',
      'preprepare',
      'postprepare',
    ];
    expect(Object.keys(manifest.scripts).filter(name => atInstallation.includes(name))).toEqual([]);
  });

  it('X12 ships the built files, the licence and two texts, nothing else', () => {
    const printed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [pack] = JSON.parse(printed) as { files: { path: string }[] }[];
    const shipped = pack!.files.map(file => file.path);
    const allowed =
      /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/(?:adapters\/)?[\w-]+\.(?:c?js(?:\.map)?|d\.c?ts))$/;
    expect(shipped.filter(path => !allowed.test(path))).toEqual([]);
    expect(shipped).toEqual(
      expect.arrayContaining(['package.json', 'LICENSE', 'dist/index.js', 'dist/index.cjs']),
    );
  });

  it('names a file that exists for every entry, format and declaration', () => {
    const targets = Object.values(manifest.exports).flatMap(target =>
      typeof target === 'string'
        ? [target]
        : [target.import.types, target.import.default, target.require.types, target.require.default],
    );
    expect(targets.filter(path => !existsSync(join(root, path)))).toEqual([]);
    expect(Object.keys(manifest.exports)).toEqual(
      expect.arrayContaining([
        '.',
        './core',
        './protocols',
        './websocket',
        './testing',
        './devtools',
        './adapters/convex',
        './package.json',
      ]),
    );
  });

  it('lets bundlers drop what is not used', () => {
    expect(manifest.sideEffects).toBe(false);
  });
});

describe('the built code', () => {
  it('X12 evaluates no text as code', () => {
    const evaluating = built(/\.c?js$/).filter(name =>
      /\beval\s*\(|\bFunction\s*\(\s*['"`]/.test(dist(name)),
    );
    expect(evaluating).toEqual([]);
  });

  it('imports React and the store shim, and no other package', () => {
    const imported = built(/\.c?js$/).flatMap(name =>
      [...dist(name).matchAll(/(?:from\s*|import\s*|import\(|require\()['"]([^'".][^'"]*)['"]/g)].map(
        match => match[1] ?? '',
      ),
    );
    const packages = imported.map(specifier => specifier.replace(/\/.*$/, ''));
    expect([...new Set(packages)].sort()).toEqual(['react', 'use-sync-external-store']);
  });
});

describe('the declarations', () => {
  it('name React at most, never a server library or an auth SDK', () => {
    const declarations = built(/\.d\.c?ts$/);
    const imported = declarations.flatMap(name =>
      [...dist(name).matchAll(/(?:from\s*|import\(|<reference types=)['"]([^'".][^'"]*)['"]/g)].map(
        match => match[1] ?? '',
      ),
    );
    expect(declarations.length).toBeGreaterThan(0);
    expect([...new Set(imported)].filter(name => name !== 'react')).toEqual([]);
  });

  it('speak of DOM types, not of Node’s', () => {
    expect(built(/\.d\.c?ts$/).filter(name => /\bNodeJS\.|\bBuffer\b/.test(dist(name)))).toEqual([]);
  });
});

import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import {
  exportsOf,
  globalsUsedBy,
  importsOf,
  isAsynchronous,
  parseSource,
  readSources,
  type SourceFile,
} from './tools/sourceFile';

const sources = readSources(join(import.meta.dirname, '..'));
const pathsOf = (files: readonly SourceFile[]) => files.map(file => file.path);

/** A layer and the layers it may import. */
const layers: Readonly<Record<string, readonly string[]>> = {
  machine: [],
  protocols: ['machine'],
  runtime: ['protocols', 'machine'],
  react: ['runtime', 'protocols', 'machine'],
  testing: ['runtime', 'protocols', 'machine'],
  websocket: ['runtime', 'protocols', 'machine'],
  adapters: ['react', 'runtime', 'protocols', 'machine'],
  devtools: ['react', 'runtime', 'protocols', 'machine'],
};

const timers = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'];
const clocks = ['Date.now', 'new Date', 'Date', 'performance', 'performance.now'];
/** Reads a text; no clock. */
const harmless = ['Date.parse'];
const randomness = ['Math.random', 'crypto', 'crypto.getRandomValues', 'crypto.randomUUID'];
const platform = [
  'window',
  'document',
  'navigator',
  'location',
  'history',
  'localStorage',
  'sessionStorage',
  'indexedDB',
  'WebSocket',
  'BroadcastChannel',
  'addEventListener',
  'removeEventListener',
  'requestAnimationFrame',
  'cancelAnimationFrame',
  'fetch',
];

/** `window.x` and `document.x` count as `window` and `document`. */
const rootOf = (name: string) => name.replace(/^new /, '').split('.')[0] ?? name;
const uses = (file: SourceFile, names: readonly string[]) =>
  [...globalsUsedBy(file)].filter(
    name => !harmless.includes(name) && (names.includes(name) || names.includes(rootOf(name))),
  );
const violations = (files: readonly SourceFile[], names: readonly string[]) =>
  files.flatMap(file => uses(file, names).map(name => `${file.path} uses ${name}`));

const adapters = [
  'adapters/auth0.ts',
  'adapters/authkit.ts',
  'adapters/clerk.ts',
  'adapters/convex.ts',
  'adapters/firebase.ts',
  'adapters/graphql-ws.ts',
  'adapters/oidc.ts',
  'adapters/supabase.ts',
];

describe('layers', () => {
  it('every folder of src is a layer', () => {
    expect(
      [...new Set(sources.map(file => file.layer))].filter(name => name !== '' && !(name in layers)),
    ).toEqual([]);
  });

  it('import only downwards', () => {
    const upward = sources.flatMap(file =>
      importsOf(file).flatMap(({ target }) => {
        if (target === null || file.layer === '') return [];
        const layer = target.split('/')[0] ?? '';
        const isAllowed = layer === file.layer || layers[file.layer]?.includes(layer) === true;
        return isAllowed ? [] : [`${file.path} imports ${target}`];
      }),
    );
    expect(upward).toEqual([]);
  });

  it('import React only where hooks and components live, and no other package', () => {
    const allowed: Readonly<Record<string, readonly string[]>> = {
      react: ['react', 'use-sync-external-store/shim', 'use-sync-external-store/shim/with-selector'],
      adapters: ['react'],
      devtools: ['react'],
    };
    const foreign = sources.flatMap(file =>
      importsOf(file)
        .filter(
          ({ target, specifier }) => target === null && allowed[file.layer]?.includes(specifier) !== true,
        )
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(foreign).toEqual([]);
  });

  it('never import tests', () => {
    expect(
      sources
        .filter(file => importsOf(file).some(({ target }) => target?.startsWith('..')))
        .map(file => file.path),
    ).toEqual([]);
  });

  const withoutReact = [
    'core.ts',
    'protocols/index.ts',
    'testing/index.ts',
    'websocket/index.ts',
    ...adapters.filter(path => path !== 'adapters/convex.ts'),
  ];

  it.each(withoutReact)('%s reaches no React', entry => {
    const reached = new Set<string>();
    const open = [entry];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      const file = sources.find(candidate => candidate.path === path);
      if (file === undefined || reached.has(file.path)) continue;
      reached.add(file.path);
      for (const { target, isTypeOnly } of importsOf(file))
        if (target !== null && !isTypeOnly) open.push(`${target}.ts`, `${target}.tsx`, `${target}/index.ts`);
    }
    expect([...reached].filter(path => path.startsWith('react/'))).toEqual([]);
    expect(reached).toContain(entry);
  });
});

describe('the machine', () => {
  const machine = sources.filter(file => file.layer === 'machine');

  it('exists', () => {
    expect(machine.length).toBeGreaterThan(0);
  });

  it('takes time and chance as arguments', () => {
    expect(violations(machine, [...clocks, ...randomness, ...timers, 'queueMicrotask'])).toEqual([]);
  });

  it('touches no platform', () => {
    expect(violations(machine, [...platform, 'console', 'process', 'globalThis'])).toEqual([]);
  });

  it('is synchronous', () => {
    expect(machine.filter(isAsynchronous).map(file => file.path)).toEqual([]);
    expect(violations(machine, ['Promise'])).toEqual([]);
  });
});

describe('platform contacts', () => {
  it('only the system clock uses the timers and clocks of the platform', () => {
    expect(
      violations(
        sources.filter(file => file.path !== 'runtime/systemClock.ts'),
        [...timers, ...clocks],
      ),
    ).toEqual([]);
  });

  it('protocols and React code reach the page, the network and chance through ports', () => {
    expect(
      violations(
        sources.filter(file => ['protocols', 'react'].includes(file.layer)),
        [...platform, ...randomness],
      ),
    ).toEqual([]);
  });

  it('the console is one port', () => {
    const speaking = sources.filter(file => uses(file, ['console']).length > 0);
    expect(speaking.filter(file => file.layer !== 'runtime').map(file => file.path)).toEqual([]);
    expect(speaking.length).toBeLessThanOrEqual(1);
  });

  it('X12 nothing evaluates text as code', () => {
    expect(violations(sources, ['eval', 'Function', 'new Function'])).toEqual([]);
  });
});

describe('files', () => {
  const indexes = [
    'index.ts',
    'core.ts',
    'protocols/index.ts',
    'testing/index.ts',
    'websocket/index.ts',
    'devtools/index.ts',
  ];

  it('are short enough to read', () => {
    const longest = 300;
    const tooLong = sources
      .map(file => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
      .filter(file => file.lines > longest);
    expect(tooLong).toEqual([]);
  });

  it('that export one thing carry its name', () => {
    const strays = sources.filter(file => {
      const exported = exportsOf(file);
      if (indexes.includes(file.path) || exported.length !== 1) return false;
      const base = file.path.replace(/^.*\//, '').replace(/\.tsx?$/, '');
      return exported[0]?.toLowerCase().includes(base.toLowerCase()) !== true;
    });
    expect(pathsOf(strays)).toEqual([]);
  });

  it('are no drawers', () => {
    expect(
      pathsOf(sources).filter(path => /(?:^|\/)(?:utils?|types?|helpers?|misc|common)\.tsx?$/.test(path)),
    ).toEqual([]);
  });

  it.each(indexes)('%s only re-exports', path => {
    const file = sources.find(candidate => candidate.path === path);
    const others = file?.tree.statements.filter(
      statement =>
        !(ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined) &&
        !(ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression)),
    );
    expect(others?.map(statement => statement.getText())).toEqual([]);
  });

  it(`'use client' is line 1 of the entries with hooks and components, and of no other file`, () => {
    const marked = sources.filter(file => /^['"]use client['"];?$/m.test(file.text));
    expect(pathsOf(marked).sort()).toEqual(['adapters/convex.ts', 'devtools/index.ts', 'index.ts']);
    expect(marked.filter(file => !file.text.startsWith(`'use client';\n`))).toEqual([]);
  });
});

describe('these checks themselves', () => {
  it('see a use, and are not misled by names, types and typeof', () => {
    const seen = (text: string) => [...globalsUsedBy(parseSource('a.ts', text))];
    expect(seen('setTimeout(run, Date.now())')).toEqual(expect.arrayContaining(['setTimeout', 'Date.now']));
    expect(seen('globalThis.setTimeout(run)')).toContain('setTimeout');
    expect(seen('window.setTimeout(run)')).toEqual(expect.arrayContaining(['window', 'setTimeout']));
    expect(seen('new Date()')).toContain('new Date');
    expect(seen('const clock = { setTimeout }')).toContain('setTimeout');
    const harmless = seen(
      'interface Clock { setTimeout(run: () => void): void } type T = typeof document; typeof window; clock.setTimeout(1)',
    );
    expect(harmless.filter(name => ['setTimeout', 'document', 'window'].includes(name))).toEqual([]);
    expect(seen('const setTimeout = clock.later; setTimeout(1)')).not.toContain('setTimeout');
  });

  it('see imports of every kind', () => {
    const file = parseSource(
      'react/a.ts',
      `import type { A } from '../runtime/a'; export * from './b'; import('../machine/c'); import 'react';`,
    );
    expect(importsOf(file).map(({ target, specifier }) => target ?? specifier)).toEqual([
      'runtime/a',
      'react/b',
      'machine/c',
      'react',
    ]);
  });
});

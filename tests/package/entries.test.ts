import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPackage, root, type InstalledPackage } from './installedPackage';

const core = [
  'AuthSocketError',
  'createAuthSocket',
  'isAuthSocketError',
  'jsonProtocol',
  'signedIn',
  'signedOut',
  'tokenRejected',
  'unavailable',
];

/** What each entry must export at run time. */
const entries: Readonly<Record<string, readonly string[]>> = {
  'react-auth-socket': [
    ...core,
    'AuthSocketProvider',
    'createAuthSocketContext',
    'useAuthFetch',
    'useAuthToken',
    'useConnectionNotice',
    'useSocket',
    'useSocketMessage',
    'useSocketOpen',
    'useSocketState',
    'useSocketStatus',
  ],
  'react-auth-socket/core': core,
  'react-auth-socket/protocols': ['closeTable', 'firstMessage', 'jsonProtocol', 'tokenRejected'],
  'react-auth-socket/websocket': ['AuthWebSocket', 'authWebSocket'],
  'react-auth-socket/testing': ['createTestWorld'],
  'react-auth-socket/devtools': ['AuthSocketTimeline'],
  'react-auth-socket/adapters/auth0': ['auth0Token'],
  'react-auth-socket/adapters/authkit': ['authKitToken'],
  'react-auth-socket/adapters/clerk': ['clerkToken'],
  'react-auth-socket/adapters/convex': ['useAuthForConvex'],
  'react-auth-socket/adapters/firebase': ['firebaseToken'],
  'react-auth-socket/adapters/graphql-ws': ['graphqlWsOptions'],
  'react-auth-socket/adapters/oidc': ['oidcToken'],
  'react-auth-socket/adapters/supabase': ['supabaseFetch', 'supabaseToken'],
};
/** Entries with hooks and components. */
const clientEntries = ['index', 'devtools', 'adapters/convex'];
const names = Object.keys(entries);

const formats = [
  { format: 'ESM', extension: '.js' },
  { format: 'CommonJS', extension: '.cjs' },
] as const;

const builtFiles = (extension: string) =>
  readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith(extension),
  );

let installed: InstalledPackage;

beforeAll(() => {
  installed = installPackage();
});

afterAll(() => {
  installed.remove();
});

/** Runs the body with every entry loaded as `entries[name]`. */
function runIn(format: (typeof formats)[number]['format'], body: string): unknown {
  const load = (name: string) =>
    format === 'ESM'
      ? `${JSON.stringify(name)}: await import(${JSON.stringify(name)})`
      : `${JSON.stringify(name)}: require(${JSON.stringify(name)})`;
  const code = `delete globalThis.WebSocket; const entries = { ${names.map(load).join(', ')} };\n${body}`;
  return format === 'ESM' ? installed.runModule(code) : installed.runCommonJs(code);
}

describe.each(formats)('the built package as $format', ({ format, extension }) => {
  it('loads every entry in plain Node, without a window, and ends by itself', () => {
    const exported = runIn(
      format,
      `console.log(JSON.stringify(Object.fromEntries(
        Object.entries(entries).map(([name, entry]) => [name, Object.keys(entry)]))));`,
    ) as Record<string, string[]>;
    for (const name of names)
      expect(exported[name], name).toEqual(expect.arrayContaining([...entries[name]!]));
  });

  it('the root entry re-exports everything of ./core, the very same objects', () => {
    const different = runIn(
      format,
      `const root = entries['react-auth-socket'];
       console.log(JSON.stringify(Object.entries(entries['react-auth-socket/core'])
         .filter(([name, value]) => name !== 'default' && name !== '__esModule' && root[name] !== value)
         .map(([name]) => name)));`,
    );
    expect(different).toEqual([]);
  });

  it('entries share the functions that they both export', () => {
    expect(
      runIn(
        format,
        `const core = entries['react-auth-socket/core'], protocols = entries['react-auth-socket/protocols'];
         console.log(JSON.stringify([
           core.jsonProtocol === protocols.jsonProtocol,
           core.tokenRejected === protocols.tokenRejected,
         ]));`,
      ),
    ).toEqual([true, true]);
  });

  it('holds every module once, so that there is one React context and one error class', () => {
    const files = builtFiles(extension);
    const modulesIn = (name: string) =>
      new Set(readFileSync(join(root, 'dist', name), 'utf8').match(/(?<=^|;)\/\/ src\/\S+$/gm));
    const modules = files.flatMap(name => [...modulesIn(name)]);
    expect(modules).toEqual(
      expect.arrayContaining([
        '// src/react/context.ts',
        '// src/machine/errors.ts',
        '// src/testing/testWorld.ts',
      ]),
    );
    expect(modules.filter((module, index) => modules.indexOf(module) !== index)).toEqual([]);
  });

  it(`has 'use client' on line 1 of the entries with hooks and components, and nowhere else`, () => {
    const textOf = (name: string) => readFileSync(join(root, 'dist', name), 'utf8');
    const marked = builtFiles(extension).filter(name => textOf(name).includes('use client'));
    expect(marked.sort()).toEqual(clientEntries.map(name => `${name}${extension}`).sort());
    expect(marked.filter(name => !textOf(name).startsWith(`'use client';\n`))).toEqual([]);
  });
});

describe('two formats in one process', () => {
  it('recognise each other’s errors by brand', () => {
    const answer = installed.runModule(`
      import { createRequire } from 'node:module';
      import * as esm from 'react-auth-socket/core';
      const cjs = createRequire(import.meta.url)('react-auth-socket/core');
      const misuse = library => {
        try { library.createAuthSocket({ url: 'wss://example.test/', refreshLeadMs: NaN }); } catch (error) { return error; }
      };
      const ofCommonJs = misuse(cjs), ofEsm = misuse(esm);
      console.log(JSON.stringify({
        isSameClass: ofCommonJs instanceof esm.AuthSocketError,
        recognised: [esm.isAuthSocketError(ofCommonJs), cjs.isAuthSocketError(ofEsm)],
        codes: [ofCommonJs.code, ofEsm.code],
        others: [esm.isAuthSocketError(new Error('x')), esm.isAuthSocketError(null)],
      }));
    `);
    expect(answer).toEqual({
      isSameClass: false,
      recognised: [true, true],
      codes: ['invalid-option', 'invalid-option'],
      others: [false, false],
    });
  });

  it('understand each other’s answers', () => {
    const answer = installed.runModule(`
      import { createRequire } from 'node:module';
      import * as esm from 'react-auth-socket/core';
      import { createTestWorld } from 'react-auth-socket/testing';
      const cjs = createRequire(import.meta.url)('react-auth-socket/core');
      const world = createTestWorld();
      const socket = esm.createAuthSocket({
        url: 'wss://example.test/',
        getToken: () => cjs.signedOut('left'),
        platform: world.platform,
      });
      socket.connect();
      await world.clock.advance(1_000);
      console.log(JSON.stringify(socket.getStatus().session));
      socket.destroy();
      world.dispose();
    `);
    expect(answer).toBe('signed-out');
  });
});

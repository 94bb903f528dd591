import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';

/** Every entry of the package: name in `exports` and `dist` -> source. */
const entry = {
  index: 'src/index.ts',
  core: 'src/core.ts',
  protocols: 'src/protocols/index.ts',
  websocket: 'src/websocket/index.ts',
  testing: 'src/testing/index.ts',
  devtools: 'src/devtools/index.ts',
  'adapters/auth0': 'src/adapters/auth0.ts',
  'adapters/authkit': 'src/adapters/authkit.ts',
  'adapters/clerk': 'src/adapters/clerk.ts',
  'adapters/convex': 'src/adapters/convex.ts',
  'adapters/firebase': 'src/adapters/firebase.ts',
  'adapters/graphql-ws': 'src/adapters/graphql-ws.ts',
  'adapters/oidc': 'src/adapters/oidc.ts',
  'adapters/supabase': 'src/adapters/supabase.ts',
};

/** Entries whose exports are client references in a React server environment. */
const clientEntries: readonly (keyof typeof entry)[] = ['index', 'devtools', 'adapters/convex'];

const outDir = process.env.OUT_DIR ?? 'dist';
const clientFiles = new Set(
  clientEntries.flatMap(name => ['js', 'cjs'].map(extension => resolve(outDir, `${name}.${extension}`))),
);

const directive = /['"]use client['"];/;

/**
 * Makes 'use client' the first directive of the client entries, in both formats. With code splitting the
 * CommonJS output has it behind `Object.defineProperty` calls, where it means nothing.
 */
const clientDirectiveFirst: NonNullable<Options['plugins']>[number] = {
  name: 'client-directive-first',
  async buildEnd({ writtenFiles }) {
    for (const { name } of writtenFiles) {
      const isClientEntry = clientFiles.has(resolve(name));
      if (!isClientEntry) continue;
      const code = await readFile(name, 'utf8');
      if (code.startsWith(`'use client';\n`)) continue;
      await writeFile(name, `'use client';\n${code.replace(directive, '')}`);
      // One line was added on top, none removed: in a source map that is one more ';'.
      const map = JSON.parse(await readFile(`${name}.map`, 'utf8')) as { mappings: string };
      await writeFile(`${name}.map`, JSON.stringify({ ...map, mappings: `;${map.mappings}` }));
    }
  },
};

/**
 * Drops the imports of chunks for their side effects, which they do not have: bundlers drop them too, and esbuild says so
 * each time. The empty line in their place keeps the source map right.
 */
const noBareImports: NonNullable<Options['plugins']>[number] = {
  name: 'no-bare-imports',
  async buildEnd({ writtenFiles }) {
    for (const { name } of writtenFiles.filter(file => file.name.endsWith('.js'))) {
      const code = await readFile(name, 'utf8');
      await writeFile(name, code.replaceAll(/^import "\.{1,2}\/chunk-\w+\.js";$/gm, ''));
    }
  },
};

export default defineConfig({
  entry,
  outDir,
  format: ['esm', 'cjs'],
  target: 'es2020',
  tsconfig: 'src/tsconfig.json',
  dts: true,
  // Without it each CommonJS entry would carry its own copy of the context and the error class.
  splitting: true,
  // Rollup's tree shaking would drop the directive.
  treeshake: false,
  sourcemap: true,
  clean: true,
  silent: true,
  plugins: [clientDirectiveFirst, noBareImports],
});

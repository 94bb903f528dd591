import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { defineConfig, type Options } from 'tsup';

/** Every entry of the package: name in `exports` and `dist` -> source. */
const entry = {
  index: 'src/index.ts',
  core: 'src/core.ts',
  protocols: 'src/protocols/index.ts',
  testing: 'src/testing/index.ts',
};

/** Entries whose exports are client references in a React server environment. */
const clientEntries: readonly (keyof typeof entry)[] = ['index'];

const directive = /['"]use client['"];/;

/**
 * Makes 'use client' the first directive of the client entries, in both formats. With code splitting the
 * CommonJS output has it behind `Object.defineProperty` calls, where it means nothing.
 */
const clientDirectiveFirst: NonNullable<Options['plugins']>[number] = {
  name: 'client-directive-first',
  async buildEnd({ writtenFiles }) {
    for (const { name } of writtenFiles) {
      const isClientEntry = clientEntries.some(client =>
        new RegExp(`^${client}\\.c?js$`).test(basename(name)),
      );
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

export default defineConfig({
  entry,
  outDir: process.env.OUT_DIR ?? 'dist',
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
  plugins: [clientDirectiveFirst],
});

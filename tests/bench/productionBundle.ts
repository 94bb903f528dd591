import { join } from 'node:path';
import { build } from 'esbuild';

const pages = join(import.meta.dirname, 'pages');

/** Bundles one page of `tests/bench/pages` as an application would ship it: React in production mode, minified. */
export async function productionBundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(pages, entry)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'transform',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}

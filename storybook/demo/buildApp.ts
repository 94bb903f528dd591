import react from '@vitejs/plugin-react';
import { build, type Rollup } from 'vite';
import { sourceAlias } from '../sourceAlias';

/** The files of the page by their path, e.g. `/index.html`. */
export type AppFiles = ReadonlyMap<string, string | Uint8Array>;

/**
 * Builds the page into memory. Nothing is written and nothing is watched: a dev server would reload the page when its
 * own socket is lost, which is just what this demo promises never to do.
 */
export async function buildApp(mode: 'development' | 'production' = 'development'): Promise<AppFiles> {
  const result = await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'error',
    // By default React's development build: StrictMode mounts everything twice there, and warnings reach the console.
    mode,
    define: { 'process.env.NODE_ENV': JSON.stringify(mode) },
    plugins: [react()],
    resolve: { alias: sourceAlias },
    build: { write: false, minify: false, target: 'es2022', modulePreload: false },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rollup.RollupOutput;
  return new Map(
    output.map(file => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source] as const),
  );
}

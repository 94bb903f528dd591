import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

export interface PageBundle {
  /** File name in `tests/browser/pages`. */
  entry: string;
  /** Modules that are exchanged for others: import specifier -> import specifier. */
  replace?: Readonly<Record<string, string>>;
}

const pages = join(import.meta.dirname, '../pages');

const bundles = new Map<string, Promise<string>>();

/** Bundles one page with React in development mode, where StrictMode and warnings do their work. Once per process. */
export function bundlePage({ entry, replace = {} }: PageBundle): Promise<string> {
  const key = JSON.stringify([entry, replace]);
  const bundle = bundles.get(key) ?? buildPage({ entry, replace });
  bundles.set(key, bundle);
  return bundle;
}

async function buildPage({ entry, replace }: Required<PageBundle>): Promise<string> {
  const result = await build({
    entryPoints: [join(pages, entry)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'transform',
    define: { 'process.env.NODE_ENV': '"development"' },
    sourcemap: 'inline',
    logLevel: 'silent',
    plugins: [exchangeModules(replace)],
  });
  return result.outputFiles[0]!.text;
}

function exchangeModules(replace: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'exchange-modules',
    setup({ onResolve, resolve }) {
      for (const [from, to] of Object.entries(replace)) {
        const exactly = new RegExp(`^${from.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`);
        onResolve({ filter: exactly }, ({ importer, kind, resolveDir }) =>
          resolve(to, { importer, kind, resolveDir }),
        );
      }
    },
  };
}

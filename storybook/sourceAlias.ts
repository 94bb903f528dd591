import { join } from 'node:path';

const src = join(import.meta.dirname, '../src');

/** Stories and demo name the package as applications do; here that is its source, not the last build. */
export const sourceAlias = [
  { find: /^react-auth-socket$/, replacement: join(src, 'index.ts') },
  { find: /^react-auth-socket\/testing$/, replacement: join(src, 'testing/index.ts') },
];

import { join } from 'node:path';

const src = join(import.meta.dirname, '../src');

/** Stories and demo name the package as applications do; here that is its source, not the last build. */
export const sourceAlias = [
  { find: /^react-auth-socket$/, replacement: join(src, 'index.ts') },
  { find: /^react-auth-socket\/core$/, replacement: join(src, 'core.ts') },
  {
    find: /^react-auth-socket\/(protocols|testing|websocket|devtools)$/,
    replacement: join(src, '$1/index.ts'),
  },
  { find: /^react-auth-socket\/(adapters\/[\w-]+)$/, replacement: join(src, '$1.ts') },
];

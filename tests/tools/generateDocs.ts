import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatPage } from './formatPage';
import { apiReference } from './apiReference';
import { sdkMatrixPage } from './sdkMatrix';

/** `npm run docs:generate`: writes the pages that are made of the source and of the tests' records. */

const docs = join(import.meta.dirname, '../../storybook/docs');

async function write(page: string, text: string): Promise<void> {
  const path = join(docs, page);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await formatPage(text));
  process.stdout.write(`${page}\n`);
}

rmSync(join(docs, 'reference'), { recursive: true, force: true });
for (const [page, text] of apiReference()) await write(`reference/${page}`, text);
await write('sdks/matrix.mdx', sdkMatrixPage());

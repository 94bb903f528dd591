import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { troubles } from '../adapters/identityServer';
import { formatPage } from './formatPage';
import { sdkMatrixPage, sdks } from './sdkMatrix';

const root = join(import.meta.dirname, '../..');
const adapterTests = readdirSync(join(root, 'tests/adapters'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.test.ts'))
  .map(name => readFileSync(join(root, 'tests/adapters', name), 'utf8'));

it('the page is what the records say: `npm run docs:generate` writes it anew', async () => {
  const path = join(root, 'storybook/docs/sdks/matrix.mdx');
  const expected = await formatPage(sdkMatrixPage());
  expect(readFileSync(path, 'utf8')).toBe(expected);
});

it('every record is in the page', () => {
  const modules = readdirSync(join(root, 'tests/adapters/matrix')).map(name => name.replace('.ts', ''));
  expect(sdks.map(({ name }) => name).sort()).toEqual(modules.sort());
});

describe.each(sdks)('the record of $title', ({ name, record }) => {
  it('has a cell for every trouble of the identity server', () => {
    expect(Object.keys(record.cells)).toEqual(expect.arrayContaining([...troubles]));
  });

  it('is of the version that is installed', () => {
    const manifest = readFileSync(join(root, 'node_modules', record.sdk, 'package.json'), 'utf8');
    expect((JSON.parse(manifest) as { version: string }).version).toBe(record.version);
  });

  it('is held to, with and without us, by the tests of its adapter', () => {
    const own = adapterTests.filter(text => text.includes(`matrix/${name}'`));
    expect(own).toHaveLength(1);
    expect(own[0]).toMatch(/\.each\((?:troubles|Object\.entries\(\w+\.cells\))\)/);
    for (const side of ['bare', 'ours'])
      expect(own[0]).toMatch(new RegExp(`toBe\\([^)]*\\b${side}\\b|\\b${side}\\b }\\)`));
  });
});

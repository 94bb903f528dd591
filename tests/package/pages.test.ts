import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { readMarkdown } from '../../storybook/demo/app/readMarkdown';
import { faults } from '../faults';
import { root } from './installedPackage';

const readPage = (name: string) => readFileSync(join(root, 'storybook/docs', name), 'utf8');

describe('the page on security', () => {
  const guarantees = readMarkdown(readPage('security.mdx'))
    .flatMap(block => (block.kind === 'table' ? block.rows : []))
    .map(row => row.map(cell => cell.map(({ text }) => text).join('')))
    .filter(([id = '']) => /^X\d\d$/.test(id));
  const titles = readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.test\.tsx?$/.test(name) && !name.includes('node_modules'))
    .map(name => readFileSync(join(root, 'tests', name), 'utf8'))
    .join('\n');

  it('tells all guarantees of the catalogue that are about security', () => {
    const known = Object.keys(faults).filter(id => id.startsWith('X'));
    expect(guarantees.map(([id]) => id)).toEqual(known);
  });

  it.each(guarantees)(
    '%s is the sentence of the catalogue, and some test has it in its title',
    (id, says) => {
      expect(faults[id as keyof typeof faults]).toBe(says);
      expect(titles).toMatch(new RegExp(`(?:it|describe)[^\\n]*\\(\\s*['"\`][^\\n]*\\b${id}\\b`));
    },
  );
});

describe('the page on migration', () => {
  const page = readPage('migration.mdx');

  it.each([
    ['react-use-websocket/dist/lib/types.d.ts', 'Options'],
    ['react-use-websocket/dist/lib/types.d.ts', 'WebSocketHook'],
    ['partysocket/ws.d.ts', 'Options'],
  ])('has a row for everything in %s %s', (file, type) => {
    const names = propertiesOf(join(root, 'node_modules', file), type);
    expect(names.length).toBeGreaterThan(5);
    const firstCells = page
      .split('\n')
      .flatMap(line => (line.startsWith('|') ? [line.split('|')[1] ?? ''] : []));
    expect(names.filter(name => !firstCells.some(cell => cell.includes(`\`${name}`)))).toEqual([]);
  });
});

/** The names of what an exported type has. */
function propertiesOf(file: string, type: string): string[] {
  const program = ts.createProgram([file], { skipLibCheck: true, types: [] });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const found = module && checker.getExportsOfModule(module).find(({ name }) => name === type);
  if (!found) return [];
  const symbol = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
  return checker
    .getDeclaredTypeOfSymbol(symbol)
    .getProperties()
    .map(({ name }) => name);
}

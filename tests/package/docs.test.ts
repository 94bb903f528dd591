import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readMarkdown } from '../../storybook/demo/app/readMarkdown';
import { installPackage, root, type InstalledPackage } from './installedPackage';

const folder = join(root, 'storybook/docs');
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.mdx'))
  .sort();

let installed: InstalledPackage;

beforeAll(() => {
  installed = installPackage();
  symlinkSync(join(root, 'node_modules/@types'), join(installed.folder, 'node_modules/@types'));
});

afterAll(() => installed.remove());

/** The TypeScript of a page, block by block. */
function codeOf(page: string): string[] {
  return readMarkdown(readFileSync(join(folder, page), 'utf8')).flatMap(block =>
    block.kind === 'code' && ['ts', 'tsx'].includes(block.language) ? [block.text] : [],
  );
}

it('there are pages with code in them', () => {
  expect(pages.flatMap(codeOf).length).toBeGreaterThan(4);
});

it('every block of code in the pages compiles against the package as it is installed', () => {
  const blocks = pages.flatMap(page =>
    codeOf(page).map((text, index) => {
      const path = join(installed.folder, `${page.replaceAll(/\W/g, '_')}_${index}.tsx`);
      writeFileSync(path, text);
      return path;
    }),
  );
  const program = ts.createProgram(blocks, {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    jsx: ts.JsxEmit.ReactJSX,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
  });
  const complaints = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    return `${file?.fileName.slice(installed.folder.length) ?? ''}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  expect(complaints).toEqual([]);
});

it.each(pages)('%s holds no expression or tag that MDX would run', page => {
  const text = readFileSync(join(folder, page), 'utf8');
  const prose = text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`]*`/g, '');
  expect(prose).not.toMatch(/[{}<>]/);
});

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMarkdown, type Block, type Inline } from '../../storybook/demo/app/readMarkdown';
import { findProgram } from '../tools/findProgram';
import { installPackage, root, type InstalledPackage } from './installedPackage';

const folder = join(root, 'storybook/docs');
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map(name => name.replaceAll('\\', '/'))
  .filter(name => name.endsWith('.mdx'))
  .sort();

interface CodeBlock {
  /** As a failure names it. */
  title: string;
  language: string;
  text: string;
}

const readPage = (page: string) => readMarkdown(readFileSync(join(folder, page), 'utf8'));

const codeBlocks: readonly CodeBlock[] = pages.flatMap(page =>
  readPage(page)
    .filter(block => block.kind === 'code')
    .map(({ language, text }, index) => ({
      title: `${page.replaceAll(/\W/g, '_')}_${index}`,
      language,
      text,
    })),
);

const inLanguage = (...languages: string[]) =>
  codeBlocks.filter(({ language }) => languages.includes(language));

describe('the code of the pages', () => {
  it('is written in languages that are checked here; `text` is none', () => {
    const known = ['ts', 'tsx', 'typescript', 'js', 'jsx', 'sh', 'python', 'go', 'text'];
    expect(codeBlocks.filter(({ language }) => !known.includes(language))).toEqual([]);
    for (const language of known) expect(inLanguage(language), language).not.toEqual([]);
  });

  it.each(inLanguage('sh'))('shell: $title has no mistake in its syntax', ({ text }) => {
    expect(() =>
      execFileSync('bash', ['-n'], { input: text, stdio: ['pipe', 'ignore', 'pipe'] }),
    ).not.toThrow();
  });

  it('signatures stand in the generated reference alone, and can be parsed', () => {
    const signatures = inLanguage('typescript');
    expect(signatures.filter(({ title }) => !title.startsWith('reference_'))).toEqual([]);
    const { diagnostics } = ts.transpileModule(signatures.map(({ text }) => text).join('\n'), {
      reportDiagnostics: true,
      fileName: 'signatures.ts',
    });
    expect(diagnostics?.map(({ messageText }) => messageText)).toEqual([]);
  });

  it('Python: every block compiles', () => {
    const python = findProgram({
      title: 'Python',
      variable: 'PYTHON',
      commands: ['python3'],
      debianPackage: 'python3-minimal',
    });
    const compile = 'import ast, sys; ast.parse(sys.stdin.read())';
    for (const { title, text } of inLanguage('python')) {
      expect(
        () => execFileSync(python, ['-c', compile], { input: text, stdio: ['pipe', 'ignore', 'pipe'] }),
        title,
      ).not.toThrow();
    }
  });
});

describe('TypeScript and JavaScript', () => {
  let installed: InstalledPackage;

  beforeAll(() => {
    installed = installPackage();
    for (const name of ['@types', ...importedPackages()]) link(name);
  });

  afterAll(() => installed.remove());

  /** What the blocks import beside this package, as far as it is installed here. */
  function importedPackages(): Set<string> {
    const specifiers = inLanguage('ts', 'tsx').flatMap(({ text }) =>
      ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName),
    );
    return new Set(
      specifiers
        .map(name => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
        .filter(name => !name.startsWith('.') && !name.startsWith('node:')),
    );
  }

  /** A link, so that the types of React are the same for all of them. */
  function link(name: string): void {
    const target = join(installed.folder, 'node_modules', name);
    const source = join(root, 'node_modules', name);
    if (existsSync(target) || !existsSync(source)) return;
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(source, target);
  }

  function complaintsAbout(blocks: readonly CodeBlock[], options: ts.CompilerOptions): string[] {
    const paths = blocks.map(({ title, language, text }) => {
      // A block that begins with a file's name can be imported by the others of its page.
      const name = /^\/\/ ([\w.-]+\.tsx?)\n/.exec(text)?.[1] ?? `${title}.${language}`;
      const path = join(installed.folder, title.replace(/_\d+$/, ''), name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    });
    const program = ts.createProgram(paths, {
      noEmit: true,
      skipLibCheck: true,
      jsx: ts.JsxEmit.ReactJSX,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: [],
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      moduleDetection: ts.ModuleDetectionKind.Force,
      ...options,
    });
    return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
      return `${file?.fileName.slice(installed.folder.length) ?? ''}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  }

  it('there are pages with code in them', () => {
    expect(inLanguage('ts', 'tsx').length).toBeGreaterThan(20);
  });

  it('every block compiles against the package as it is installed, and the real packages beside it', () => {
    expect(complaintsAbout(inLanguage('ts', 'tsx'), { strict: true })).toEqual([]);
  });

  it('every block of JavaScript is free of mistakes in its syntax', () => {
    expect(complaintsAbout(inLanguage('js', 'jsx'), { allowJs: true, noResolve: true })).toEqual([]);
  });
});

describe('links', () => {
  const hrefsIn = (block: Block): string[] => {
    const inlines: Inline[] =
      block.kind === 'list'
        ? block.items.flat()
        : block.kind === 'table'
          ? [...block.head, ...block.rows.flat()].flat()
          : block.kind === 'code'
            ? []
            : block.content;
    return inlines.flatMap(inline => (inline.kind === 'link' ? [inline.href] : []));
  };

  it('every relative link of the pages and of the README leads to a file', () => {
    const files = ['README.md', ...pages.map(page => `storybook/docs/${page}`)];
    const broken = files.flatMap(file =>
      readMarkdown(readFileSync(join(root, file), 'utf8'))
        .flatMap(hrefsIn)
        .filter(href => !/^(?:https?:|#)/.test(href))
        .filter(href => !existsSync(join(root, dirname(file), href.replace(/#.*/, ''))))
        .map(href => `${file}: ${href}`),
    );
    expect(broken).toEqual([]);
  });

  it('every page can be reached from the index', () => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file) || !existsSync(join(root, file))) return;
      reached.add(file);
      if (!/\.mdx?$/.test(file)) return;
      for (const href of readMarkdown(readFileSync(join(root, file), 'utf8')).flatMap(hrefsIn))
        if (!/^(?:https?:|#)/.test(href)) visit(join(dirname(file), href.replace(/#.*/, '')));
    };
    visit('storybook/docs/index.mdx');
    expect(pages.map(page => `storybook/docs/${page}`).filter(file => !reached.has(file))).toEqual([]);
  });
});

it.each(pages)('%s holds no expression or tag that MDX would run', page => {
  const text = readFileSync(join(folder, page), 'utf8');
  const prose = text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`]*`/g, '');
  expect(prose).not.toMatch(/[{}<>]/);
});

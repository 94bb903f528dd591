import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { apiMembers, docOf, tagsOf, type ApiMember } from './apiMembers';

/** One exported name, as a reader looks it up. */
export interface ApiName {
  name: string;
  /** It exists at run time: a function, a class, a value. */
  isValue: boolean;
  /** The docstring; '' where there is none. */
  text: string;
  see: readonly string[];
  /** As the declarations of the package have it, without comments, and behind it the short types that it names. */
  signature: string;
  members: readonly ApiMember[];
}

/** What an application imports from one entry. */
export interface ApiEntry {
  /** `react-auth-socket/core` */
  specifier: string;
  /** Below `storybook/docs/reference`, without the extension. */
  page: string;
  /** What has its home here. */
  names: readonly ApiName[];
  /** What has it in another entry. */
  borrowed: readonly { name: string; page: string }[];
}

const root = join(import.meta.dirname, '../..');

/** The home of a name is the first of these that has it. */
const order = ['core', '.', 'protocols', 'websocket', 'testing', 'devtools'];

/** A type that is not exported is shown beside one that names it, if it is no longer than this. */
const LONGEST_ASIDE = 400;

/** Reads every entry of the package, in the order of the pages. */
export function readApi(): ApiEntry[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object };
  const keys = Object.keys(exports)
    .filter(key => key !== './package.json')
    .map(key => key.replace('./', ''))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const sources = keys.map(sourceOf);
  const api = compile(sources);

  const exported = sources.map(source => api.exportsOf(source));
  const homes = new Map<ts.Symbol, string>();
  const pages = keys.map(key => (key === '.' ? 'react' : key.replaceAll('/', '-')));
  for (const [index, symbols] of exported.entries())
    for (const symbol of symbols.values()) if (!homes.has(symbol)) homes.set(symbol, pages[index] ?? '');

  return keys.map((key, index) => {
    const page = pages[index] ?? '';
    const symbols = [...(exported[index] ?? [])];
    return {
      specifier: key === '.' ? 'react-auth-socket' : `react-auth-socket/${key}`,
      page,
      names: symbols
        .filter(([, symbol]) => homes.get(symbol) === page)
        .map(([name, symbol]) => api.read(name, symbol, homes))
        .sort((a, b) => Number(b.isValue) - Number(a.isValue) || (a.name < b.name ? -1 : 1)),
      borrowed: symbols
        .map(([name, symbol]) => ({ name, page: homes.get(symbol) ?? '' }))
        .filter(name => name.page !== page)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  });
}

function rank(key: string): number {
  const place = order.indexOf(key);
  return place < 0 ? order.length : place;
}

/** `core` is `src/core.ts`, `protocols` is `src/protocols/index.ts`. */
function sourceOf(key: string): string {
  const name = key === '.' ? 'index' : key;
  const found = ['.ts', '.tsx', '/index.ts'].map(end => join(root, `src/${name}${end}`)).find(existsSync);
  if (found === undefined) throw new Error(`No source for the entry ${key}.`);
  return found;
}

function compile(files: readonly string[]) {
  const { config } = ts.readConfigFile(join(root, 'src/tsconfig.json'), ts.sys.readFile) as {
    config: unknown;
  };
  const program = ts.createProgram(files, {
    ...ts.parseJsonConfigFileContent(config, ts.sys, join(root, 'src')).options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    removeComments: true,
    outDir: '/declarations',
    rootDir: join(root, 'src'),
  });
  const checker = program.getTypeChecker();
  const emitted = new Map<string, readonly ts.Statement[]>();
  program.emit(undefined, (name, text) => {
    const source = name.replace('/declarations', join(root, 'src')).replace(/\.d\.ts$/, '');
    emitted.set(source, [...ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true).statements]);
  });

  const resolved = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

  const declarationOf = (symbol: ts.Symbol): string => {
    const file = symbol.declarations?.[0]?.getSourceFile().fileName.replace(/\.tsx?$/, '') ?? '';
    return (emitted.get(file) ?? [])
      .filter(statement => namesOf(statement).includes(symbol.name))
      .map(statement => statement.getText().replace(/^export (?:declare )?/, ''))
      .map(text => text.replace(/^declare /, '').replaceAll(/^ *#private;\n/gm, ''))
      .join('\n');
  };

  /** Types of ours that are named and not exported. */
  const asidesOf = (
    symbol: ts.Symbol,
    homes: ReadonlyMap<ts.Symbol, string>,
    seen: Set<ts.Symbol>,
  ): string[] => {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
        const name = ts.isTypeReferenceNode(node) ? node.typeName : node.expression;
        const at = checker.getSymbolAtLocation(name);
        const target = at && resolved(at);
        const file = target?.declarations?.[0]?.getSourceFile().fileName ?? '';
        if (target && file.startsWith(join(root, 'src')) && !homes.has(target) && !seen.has(target)) {
          seen.add(target);
          const text = declarationOf(target);
          if (text !== '' && text.length <= LONGEST_ASIDE) found.push(text, ...asidesOf(target, homes, seen));
        }
      }
      if (!ts.isBlock(node)) ts.forEachChild(node, visit);
    };
    for (const declaration of symbol.declarations ?? []) visit(declaration);
    return found;
  };

  return {
    /** Exported name -> what it stands for. */
    exportsOf(path: string): Map<string, ts.Symbol> {
      const file = program.getSourceFile(path);
      const module = file && checker.getSymbolAtLocation(file);
      const symbols = module ? checker.getExportsOfModule(module) : [];
      return new Map(symbols.map(symbol => [symbol.name, resolved(symbol)]));
    },
    read(name: string, symbol: ts.Symbol, homes: ReadonlyMap<ts.Symbol, string>): ApiName {
      const [declaration] = symbol.declarations ?? [];
      if (!declaration) throw new Error(`${name} is declared nowhere.`);
      return {
        name,
        isValue: (symbol.flags & ts.SymbolFlags.Value) !== 0,
        text: docOf(symbol, checker),
        see: tagsOf(symbol, 'see'),
        signature: [declarationOf(symbol), ...asidesOf(symbol, homes, new Set())].join('\n\n'),
        members: apiMembers(declaration, checker),
      };
    },
  };
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const { name } = statement as { name?: ts.Identifier };
  return name ? [name.text] : [];
}

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';

/** One parsed file of `src`. */
export interface SourceFile {
  /** Path below `src`, with `/`. */
  path: string;
  /** First folder below `src`; '' for the entries beside the folders. */
  layer: string;
  text: string;
  tree: ts.SourceFile;
}

/** An import or re-export. */
export interface SourceImport {
  /** As written. */
  specifier: string;
  /** Path below `src` without extension when it points into `src`, else null. */
  target: string | null;
  isTypeOnly: boolean;
}

/** Parses every TypeScript file below `src`. */
export function readSources(root: string): SourceFile[] {
  const folder = join(root, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(path => path.replaceAll('\\', '/'))
    .filter(path => /\.tsx?$/.test(path))
    .map(path => parseSource(path, readFileSync(join(folder, path), 'utf8')));
}

export function parseSource(path: string, text: string): SourceFile {
  return {
    path,
    layer: path.includes('/') ? path.slice(0, path.indexOf('/')) : '',
    text,
    tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true),
  };
}

export function importsOf(file: SourceFile): SourceImport[] {
  const found: SourceImport[] = [];
  const add = (literal: ts.Expression | undefined, isTypeOnly: boolean) => {
    if (literal === undefined || !ts.isStringLiteral(literal)) return;
    const specifier = literal.text;
    const target = specifier.startsWith('.') ? posix.join(dirname(file.path), specifier) : null;
    found.push({ specifier, target, isTypeOnly });
  };
  visit(file.tree, node => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnlyImport(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
  });
  return found;
}

/** Names that the file exports, types included. */
export function exportsOf(file: SourceFile): string[] {
  return file.tree.statements.flatMap(statement => {
    if (ts.isExportDeclaration(statement))
      return statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause)
        ? statement.exportClause.elements.map(element => element.name.text)
        : [];
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(modifier => modifier.kind === ts.SyntaxKind.ExportKeyword) === true;
    if (!isExported) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap(({ name }) =>
        ts.isIdentifier(name) ? name.text : [],
      );
    const { name } = statement as ts.DeclarationStatement;
    return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
  });
}

/**
 * Global names that the code really uses, with `Date.now` and `new Date` told apart. Property names, types and
 * `typeof` questions are no use of a global.
 */
export function globalsUsedBy(file: SourceFile): Set<string> {
  const declared = new Set<string>();
  const used = new Set<string>();
  visit(file.tree, node => {
    if (isDeclarationName(node)) declared.add(node.text);
  });
  visit(file.tree, node => {
    if (ts.isIdentifier(node) && isValueUse(node)) used.add(qualified(node));
  });
  return new Set([...used].filter(name => !declared.has(name.replace(/^new |\..*$/g, ''))));
}

/** True when the file holds an asynchronous function. */
export function isAsynchronous(file: SourceFile): boolean {
  let found = false;
  visit(file.tree, node => {
    if (node.kind === ts.SyntaxKind.AsyncKeyword || node.kind === ts.SyntaxKind.AwaitExpression) found = true;
  });
  return found;
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, child => visit(child, look));
}

function isTypeOnlyImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const { name, namedBindings } = clause;
  return (
    name === undefined &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.every(element => element.isTypeOnly)
  );
}

function isDeclarationName(node: ts.Node): node is ts.Identifier {
  if (!ts.isIdentifier(node)) return false;
  const { parent } = node;
  return (
    ((ts.isVariableDeclaration(parent) ||
      ts.isParameter(parent) ||
      ts.isBindingElement(parent) ||
      ts.isFunctionDeclaration(parent) ||
      ts.isClassDeclaration(parent)) &&
      parent.name === node) ||
    ts.isImportSpecifier(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isImportClause(parent)
  );
}

const globalObjects = ['globalThis', 'window', 'self'];

function isValueUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node)
    return ts.isIdentifier(parent.expression) && globalObjects.includes(parent.expression.text);
  if (ts.isTypeNode(parent) || ts.isTypeOfExpression(parent) || ts.isQualifiedName(parent)) return false;
  const isNameOfMember =
    (ts.isPropertySignature(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isPropertyAssignment(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isGetAccessor(parent) ||
      ts.isSetAccessor(parent) ||
      ts.isJsxAttribute(parent)) &&
    parent.name === node;
  return !isNameOfMember && !isTypeName(parent);
}

function isTypeName(parent: ts.Node): boolean {
  return (
    ts.isInterfaceDeclaration(parent) ||
    ts.isTypeAliasDeclaration(parent) ||
    ts.isTypeParameterDeclaration(parent) ||
    (ts.isExpressionWithTypeArguments(parent) && ts.isInterfaceDeclaration(parent.parent.parent))
  );
}

function qualified(node: ts.Identifier): string {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node)
    return globalObjects.includes(node.text) ? node.text : `${node.text}.${parent.name.text}`;
  if (ts.isNewExpression(parent) && parent.expression === node) return `new ${node.text}`;
  return node.text;
}

import ts from 'typescript';

/** A member of an interface or a class, or a word of a union. */
export interface ApiMember {
  /** `timeouts.tokenMs` for one inside another. */
  name: string;
  text: string;
  /** What counts where it is left out; '' where nothing is said. */
  otherwise: string;
}

/** What a declaration says about its parts: those that have a docstring or a default. */
export function apiMembers(declaration: ts.Declaration, checker: ts.TypeChecker): ApiMember[] {
  if (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration))
    return fieldsOf(declaration.members, checker);
  if (!ts.isTypeAliasDeclaration(declaration)) return [];
  const { type } = declaration;
  if (ts.isUnionTypeNode(type)) {
    const words = wordsOf(type);
    if (words.length > 0) return words;
  }
  return literalsIn(type).flatMap(({ members }) => fieldsOf(members, checker));
}

export function docOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  return unwrapped(ts.displayPartsToString(symbol.getDocumentationComment(checker)));
}

export function tagsOf(symbol: ts.Symbol, name: string): string[] {
  return symbol
    .getJsDocTags()
    .filter(tag => tag.name === name)
    .map(tag =>
      ts
        .displayPartsToString(tag.text)
        .replaceAll(/\s*\n\s*/g, ' ')
        .trim(),
    );
}

/** The object types in a type, the outer ones only. */
function literalsIn(type: ts.Node): ts.TypeLiteralNode[] {
  if (ts.isTypeLiteralNode(type)) return [type];
  const found: ts.TypeLiteralNode[] = [];
  ts.forEachChild(type, child => void found.push(...literalsIn(child)));
  return found;
}

/** Overloads are told once, by the first that has a docstring. */
function fieldsOf(
  members: ts.NodeArray<ts.TypeElement | ts.ClassElement>,
  checker: ts.TypeChecker,
  prefix = '',
): ApiMember[] {
  const found = new Map<string, ApiMember>();
  for (const member of members) {
    if (!member.name || ts.isPrivateIdentifier(member.name)) continue;
    const symbol = checker.getSymbolAtLocation(member.name);
    if (!symbol) continue;
    const name = prefix + member.name.getText();
    const text = docOf(symbol, checker);
    const [otherwise = ''] = tagsOf(symbol, 'default');
    if ((text !== '' || otherwise !== '') && !found.has(name)) found.set(name, { name, text, otherwise });
    if (ts.isPropertySignature(member) && member.type && ts.isTypeLiteralNode(member.type))
      for (const inner of fieldsOf(member.type.members, checker, `${name}.`)) found.set(inner.name, inner);
  }
  return [...found.values()];
}

/** The words of a union that have a comment; it stands before the bar. */
function wordsOf(union: ts.UnionTypeNode): ApiMember[] {
  const { text } = union.getSourceFile();
  return union.types.flatMap(type => {
    const before = text.slice(union.pos, type.getStart());
    const comment = /\/\*\*\s*((?:(?!\*\/)[\s\S])*?)\s*\*\/\s*\|\s*$/.exec(before)?.[1];
    if (comment === undefined || ts.isTypeLiteralNode(type)) return [];
    return [{ name: type.getText(), text: comment.replaceAll(/\s*\n\s*\* ?/g, ' '), otherwise: '' }];
  });
}

/** Lines of a paragraph become one; tables, lists and code stay as they are. */
function unwrapped(text: string): string {
  return text
    .split('\n\n')
    .map(paragraph => (/^(?:\||- |\d+\. |```)/.test(paragraph) ? paragraph : paragraph.replaceAll('\n', ' ')))
    .join('\n\n');
}

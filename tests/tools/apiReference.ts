import { readApi, type ApiEntry, type ApiName } from './readApi';

/** The pages of the reference: name below `storybook/docs/reference` and text, not formatted yet. */
export function apiReference(entries: readonly ApiEntry[] = readApi()): [page: string, text: string][] {
  const pages = entries.map((entry): [string, string] => [`${entry.page}.mdx`, entryPage(entry)]);
  return [['index.mdx', indexPage(entries)], ...pages];
}

const code = (text: string) => `\`${text}\``;
const list = (names: readonly { name: string }[]) => names.map(({ name }) => code(name)).join(', ');

function indexPage(entries: readonly ApiEntry[]): string {
  const rows = entries.map(({ specifier, page, names }) => {
    const types = names.filter(({ isValue }) => !isValue).length;
    const values = list(names.filter(({ isValue }) => isValue)) || 'no values';
    return `| [${code(specifier)}](${page}.mdx) | ${values} | ${types} |`;
  });
  return [
    '# Reference',
    'Every name that the package exports, entry by entry, in the words of its docstring. Generated from the source by `npm run docs:generate`; a test fails where it is out of date.',
    ['| entry | functions and classes | types |', '| --- | --- | --- |', ...rows].join('\n'),
    'Each name is told once, on the page of the first entry that has it. `react-auth-socket` exports everything of `react-auth-socket/core` as well.',
  ].join('\n\n');
}

function entryPage({ specifier, names, borrowed }: ApiEntry): string {
  const others = [...new Set(borrowed.map(({ page }) => page))].map(
    page => `Of [${page}](${page}.mdx): ${list(borrowed.filter(name => name.page === page))}.`,
  );
  return [
    `# ${code(specifier)}`,
    ...names.map(nameText),
    ...(others.length > 0 ? ['## Also exported here', ...others] : []),
  ].join('\n\n');
}

function nameText({ name, text, see, signature, members }: ApiName): string {
  const parts = [`## ${code(name)}`, text, `\`\`\`typescript\n${signature}\n\`\`\``];
  if (members.length > 0) {
    const hasDefaults = members.some(({ otherwise }) => otherwise !== '');
    const rows = members.map(member => {
      const cells = [code(member.name), member.text, ...(hasDefaults ? [defaultText(member.otherwise)] : [])];
      return `| ${cells.map(cell => cell.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
    });
    const head = ['member', 'what it is', ...(hasDefaults ? ['default'] : [])];
    parts.push([`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows].join('\n'));
  }
  if (see.length > 0) parts.push(`See ${see.map(link).join(' and ')}.`);
  return parts.filter(part => part !== '').join('\n\n');
}

/** A value as code, words as words. */
function defaultText(text: string): string {
  return /^(?:'[^']*'|[\d_]+|true|false|null|\{.*\}|\[.*\]|[\w.]+\(.*\))$/.test(text) ? code(text) : text;
}

function link(target: string): string {
  return /^https?:\S+$/.test(target) ? `[${target.replace(/^https?:\/\//, '')}](${target})` : target;
}

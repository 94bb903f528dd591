import { posix } from 'node:path';

/** What Vite needs to know of it. */
interface TextPlugin {
  readonly name: string;
  readonly enforce: 'pre';
  transform(code: string, id: string): string | undefined;
}

const FOLDER = '/storybook/docs/';

/**
 * The pages of `storybook/docs` are plain Markdown, as GitHub and the demo show it. Storybook's own reader knows no
 * tables and no links from page to page: both are rewritten on the way in, so that the pages need nothing of it.
 */
export function docsPages(): TextPlugin {
  return {
    name: 'docs-pages',
    enforce: 'pre',
    transform(code, id) {
      const [path = ''] = id.split('?');
      const at = path.indexOf(FOLDER);
      if (at < 0 || !path.endsWith('.mdx')) return undefined;
      return outsideCode(code, text => linked(tabled(text), path.slice(at + FOLDER.length)));
    },
  };
}

/** Changes everything but the fenced blocks. */
function outsideCode(page: string, change: (text: string) => string): string {
  return page
    .split(/(^```[\s\S]*?^```)/m)
    .map((part, n) => (n % 2 === 0 ? change(part) : part))
    .join('');
}

/** Rows of `| a | b |` under each other, the second of them the rule. */
function tabled(text: string): string {
  return text.replaceAll(/^\|.*\n\|[ :|-]+\|\n(?:\|.*(?:\n|$))*/gm, block => {
    const [head = '', , ...rows] = block.trim().split('\n');
    const row = (line: string, cell: 'th' | 'td') =>
      `<tr>${cellsOf(line)
        .map(content => `<${cell}>${content}</${cell}>`)
        .join('')}</tr>`;
    const body = rows.map(line => row(line, 'td')).join('');
    return `<table><thead>${row(head, 'th')}</thead><tbody>${body}</tbody></table>\n`;
  });
}

/** The cells of a row; `\|` is no border, in code neither. */
function cellsOf(line: string): string[] {
  return line
    .trim()
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split(/(?<!\\)\|/)
    .map(cell => cell.trim().replaceAll('\\|', '|'));
}

/** `](../http.mdx#part)` leads to the page as Storybook has it. */
function linked(text: string, page: string): string {
  return text.replaceAll(/\]\(([\w./-]+)\.mdx(#[\w-]+)?\)/g, (_all, target: string) => {
    const path = posix.join('docs', posix.dirname(page), target).replace(/\/index$/, '');
    return `](?path=/docs/${path.replaceAll('/', '-').toLowerCase()}--docs)`;
  });
}

/** A piece of running text. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; text: string }
  | { kind: 'link'; text: string; href: string };

/** A paragraph and its like. */
export type Block =
  | { kind: 'heading'; level: number; content: Inline[] }
  | { kind: 'paragraph'; content: Inline[] }
  | { kind: 'list'; isOrdered: boolean; items: Inline[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'code'; language: string; text: string };

const item = /^(?:-|\d+\.) +/;

/** Reads as much Markdown as our own pages use: headings, paragraphs, flat lists, tables and fenced code. */
export function readMarkdown(text: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let at = 0;
  const takeWhile = (test: (line: string) => boolean) => {
    const from = at;
    while (at < lines.length && test(lines[at] ?? '')) at += 1;
    return lines.slice(from, at);
  };

  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (line.trim() === '') at += 1;
    else if (line.startsWith('```')) {
      at += 1;
      const code = takeWhile(next => next !== '```');
      at += 1;
      blocks.push({ kind: 'code', language: line.slice(3), text: code.join('\n') });
    } else if (line.startsWith('#')) {
      const level = line.indexOf(' ');
      blocks.push({ kind: 'heading', level, content: readInline(line.slice(level + 1)) });
      at += 1;
    } else if (line.startsWith('|')) {
      const [head = [], , ...rows] = takeWhile(next => next.startsWith('|')).map(readRow);
      blocks.push({ kind: 'table', head, rows });
    } else if (item.test(line)) {
      const items = takeWhile(next => item.test(next)).map(next => readInline(next.replace(item, '')));
      blocks.push({ kind: 'list', isOrdered: !line.startsWith('-'), items });
    } else {
      const paragraph = takeWhile(next => next.trim() !== '' && !/^(?:#|\||```)/.test(next));
      blocks.push({ kind: 'paragraph', content: readInline(paragraph.join(' ')) });
    }
  }
  return blocks;
}

/** The cells of a row. No cell of our pages holds a bar. */
function readRow(line: string): Inline[][] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map(cell => readInline(cell.trim()));
}

const inline = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)]+)\)/g;

function readInline(text: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(inline)) {
    const [whole, code, strong, label, href] = match;
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    if (code !== undefined) parts.push({ kind: 'code', text: code });
    else if (strong !== undefined) parts.push({ kind: 'strong', text: strong });
    else parts.push({ kind: 'link', text: label ?? '', href: href ?? '' });
    from = match.index + whole.length;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { docsPages } from '../../storybook/docsPages';

const folder = join(import.meta.dirname, '../../storybook/docs');
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
  name.endsWith('.mdx'),
);

const shown = (text: string, page = 'sdks/convex.mdx') =>
  docsPages().transform(text, join(folder, page)) ?? 'not a page';

it('a table becomes one that Storybook shows, cell by cell', () => {
  expect(shown('Before\n\n| a | b |\n|---|:-:|\n| `x \\| y` | **z** |\n\nAfter')).toBe(
    'Before\n\n<table><thead><tr><th>a</th><th>b</th></tr></thead>' +
      '<tbody><tr><td>`x | y`</td><td>**z**</td></tr></tbody></table>\n\nAfter',
  );
});

it('nothing in a block of code is changed', () => {
  const code = '```md\n| a |\n|---|\n| [b](b.mdx) |\n```\n';
  expect(shown(code)).toBe(code);
});

it.each([
  ['auth0.mdx', 'docs-sdks-auth0--docs'],
  ['../http.mdx#part', 'docs-http--docs'],
  ['../index.mdx', 'docs--docs'],
  ['../reference/index.mdx', 'docs-reference--docs'],
])('a link to %s leads to %s', (target, id) => {
  expect(shown(`[x](${target})`)).toBe(`[x](?path=/docs/${id})`);
});

it('other files are left alone', () => {
  expect(docsPages().transform('| a |\n|---|\n', '/elsewhere/page.mdx')).toBeUndefined();
});

it.each(pages)('%s: every link to a page leads to one that is there', page => {
  const ids = pages.map(name => {
    const path = name.replace(/\.mdx$/, '').replace(/(^|\/)index$/, '');
    return ['docs', ...path.split('/')]
      .filter(part => part !== '')
      .join('-')
      .toLowerCase();
  });
  const text = shown(readFileSync(join(folder, page), 'utf8'), page);
  const links = [...text.matchAll(/\?path=\/docs\/([\w-]+)--docs/g)].map(([, id]) => id);
  expect(links.filter(id => !ids.includes(id ?? ''))).toEqual([]);
  expect(text.replaceAll(/^```[\s\S]*?^```/gm, '')).not.toMatch(/\]\([\w./-]+\.mdx/);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readMarkdown } from '../../../storybook/demo/app/readMarkdown';

const page = readFileSync(join(import.meta.dirname, '../../../storybook/docs/sdks/recipes.mdx'), 'utf8');
const shown = readMarkdown(page).flatMap(block => (block.kind === 'code' ? [block.text] : []));
const recipes = readdirSync(import.meta.dirname).filter(name => name.endsWith('Recipe.ts'));

it.each(recipes)('the page shows %s as it is tested, character by character', name => {
  expect(shown).toContain(readFileSync(join(import.meta.dirname, name), 'utf8').trimEnd());
});

it('the page shows no other module', () => {
  expect(shown.filter(text => text.includes('export '))).toHaveLength(recipes.length);
});

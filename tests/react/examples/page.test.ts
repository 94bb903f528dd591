import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTestWorld, type TestWorld } from '../../../src/testing';
import { readMarkdown } from '../../../storybook/demo/app/readMarkdown';

const page = readFileSync(join(import.meta.dirname, '../../../storybook/docs/testing.mdx'), 'utf8');
const blocks = readMarkdown(page);
const shown = blocks.flatMap(block => (block.kind === 'code' && block.language !== 'sh' ? [block.text] : []));
const examples = readdirSync(import.meta.dirname).filter(name => !name.startsWith('page.'));

it.each(examples)('the page shows %s as it is tested, character by character', name => {
  expect(shown).toContain(readFileSync(join(import.meta.dirname, name), 'utf8').trimEnd());
});

it('the page shows no other module', () => {
  expect(shown).toHaveLength(examples.length);
});

it('what the page says a world can do, it can', () => {
  const world = createTestWorld();
  const calls = blocks
    .flatMap(block => (block.kind === 'table' ? block.rows.map(([first]) => first ?? []) : []))
    .flat()
    .flatMap(part => (part.kind === 'code' ? [/^(\w+)\.(\w+)\(/.exec(part.text) ?? []] : []))
    .flatMap(([, port, method]) => (port && method ? [[port, method] as const] : []));
  expect(calls.length).toBeGreaterThan(15);
  const ports = world as unknown as Record<keyof TestWorld, Record<string, unknown>>;
  for (const [port, method] of calls)
    expect(typeof ports[port as keyof TestWorld][method], `${port}.${method}`).toBe('function');
  world.dispose();
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from '@wasm-fmt/gofmt';
import { expect, it } from 'vitest';
import { readMarkdown } from '../../storybook/demo/app/readMarkdown';
import { serverContract } from './serverContract';

const page = readFileSync(join(import.meta.dirname, '../../storybook/docs/server-contract.mdx'), 'utf8');
const code = readMarkdown(page).flatMap(block => (block.kind === 'code' ? [block] : []));
const exampleText = (name: string) => readFileSync(join(import.meta.dirname, 'examples', name), 'utf8');

it.each(['live.py', 'asgi.py', 'main.go'])('the page shows %s, character by character', name => {
  expect(code.map(({ text }) => text)).toContain(exampleText(name).trimEnd());
});

it('the page shows no other Python and no other Go', () => {
  expect(code.filter(({ language }) => language === 'python')).toHaveLength(2);
  expect(code.filter(({ language }) => language === 'go')).toHaveLength(1);
});

it('the Go is a program that can be parsed, formatted as gofmt does it', () => {
  const text = exampleText('main.go');
  expect(format(text)).toBe(text);
  expect(() => format(text.replace('func main() {', 'func main( {'))).toThrow(/expected '\)'/);
});

it('the page tells every clause of the contract', () => {
  const told = serverContract.map(({ says }) => `kept    ${says}`).join('\n');
  expect(code.map(({ text }) => text)).toContain(told);
});

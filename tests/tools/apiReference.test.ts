import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiReference } from './apiReference';
import { formatPage } from './formatPage';
import { readApi } from './readApi';

const folder = join(import.meta.dirname, '../../storybook/docs/reference');
const api = readApi();
const pages = apiReference(api);

describe('the reference', () => {
  it('has a page for every entry of the package, and no other', () => {
    expect(readdirSync(folder).sort()).toEqual(pages.map(([page]) => page).sort());
  });

  it.each(pages)('%s is what the source says: `npm run docs:generate` writes it anew', async (page, text) => {
    expect(readFileSync(join(folder, page), 'utf8')).toBe(await formatPage(text));
  });

  it('tells every name once', () => {
    const told = api.flatMap(({ names }) => names.map(({ name, signature }) => `${name} ${signature}`));
    expect(new Set(told).size).toBe(told.length);
    expect(told.length).toBeGreaterThan(100);
  });
});

describe('every exported name', () => {
  const names = api.flatMap(({ names: own, specifier }) => own.map(name => ({ ...name, specifier })));

  it('has a docstring', () => {
    expect(
      names.filter(({ text }) => text === '').map(({ name, specifier }) => `${specifier} ${name}`),
    ).toEqual([]);
  });

  it('has a declaration', () => {
    expect(names.filter(({ signature }) => signature === '').map(({ name }) => name)).toEqual([]);
  });

  it('is told with the defaults of its options', () => {
    const options = names.find(({ name }) => name === 'AuthSocketOptions');
    expect(options?.members.find(({ name }) => name === 'refreshLeadMs')?.otherwise).toBe('120_000');
    const world = names.find(({ name }) => name === 'TestWorld');
    expect(world?.members.map(({ name }) => name)).toContain('clock.sleep');
  });
});

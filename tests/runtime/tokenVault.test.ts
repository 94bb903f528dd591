import { expect, it } from 'vitest';
import { createTokenVault } from '../../src/runtime/tokenVault';

it('gives the same token the same number', () => {
  const vault = createTokenVault();
  const first = vault.put({ token: 'a' });
  expect(vault.put({ token: 'b' })).not.toBe(first);
  expect(vault.put({ token: 'a' })).toBe(first);
  expect(vault.grant(first)).toEqual({ token: 'a' });
  expect(vault.grant(null)).toBeNull();
});

it('X10 a thousand refreshes leave a handful of tokens, among them the one in use', () => {
  const vault = createTokenVault();
  const held = vault.put({ token: 'held' });
  for (let n = 0; n < 1_000; n++) {
    vault.put({ token: `brought-${n}` });
    // Every call of the source is told which token there was before.
    expect(vault.grant(held)).toEqual({ token: 'held' });
  }
  const ids = Array.from({ length: held + 1_000 }, (_, n) => n + 1);
  expect(ids.filter(id => vault.grant(id) !== null).length).toBeLessThanOrEqual(8);
});

it('X02 takes every token that it knows out of a text', () => {
  const vault = createTokenVault();
  vault.put({ token: 'secret-1' });
  vault.put({ token: 'secret-2' });
  expect(vault.redact('secret-2 is not secret-1, secret-1')).toBe('[token] is not [token], [token]');
});

it('X10 keeps what it is told to keep, and nothing else', () => {
  const vault = createTokenVault();
  const [former, next] = ['former', 'next'].map(token => vault.put({ token })) as [number, number];
  vault.keep([next]);
  expect(vault.grant(former)).toBeNull();
  expect(vault.grant(next)).toEqual({ token: 'next' });
});

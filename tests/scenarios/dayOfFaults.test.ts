import { expect, it } from 'vitest';
import { dayOfFaults } from './dayOfFaults';

it('Z06 24 hours of drawn faults, 20 seeds: nobody is signed out, nothing storms, and the link always comes back', async () => {
  for (let seed = 1; seed <= 20; seed++) await dayOfFaults(seed);
  expect(expect.getState().assertionCalls).toBeGreaterThan(1_000);
}, 60_000);

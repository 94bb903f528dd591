import { expect, it } from 'vitest';
import { dayOfFaults } from './dayOfFaults';

it('Z06 24 hours of drawn faults, 200 seeds: nobody is signed out, nothing storms, and the link always comes back', async () => {
  for (let seed = 1; seed <= 200; seed++) await dayOfFaults(seed);
  expect(expect.getState().assertionCalls).toBeGreaterThan(10_000);
}, 600_000);

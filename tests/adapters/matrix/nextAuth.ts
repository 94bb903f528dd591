import type { SdkRecord } from '../sdkRecord';

/** next-auth: what `getSession()` answers, and what the recipe makes of the same. next-auth itself sends neither 400 nor 401. */
export const nextAuth = {
  sdk: 'next-auth',
  version: '4.24.15',
  cells: {
    drop: { bare: 'null', ours: 'unavailable' },
    offline: { bare: 'null', ours: 'unavailable' },
    '500': { bare: 'null', ours: 'unavailable' },
    '503-html': { bare: 'null', ours: 'unavailable' },
    '429': { bare: 'null', ours: 'unavailable' },
    '400-invalid-grant': { bare: 'null', ours: 'unavailable' },
    '401': { bare: 'null', ours: 'signed-out' },
    hang: { bare: 'pending', ours: 'unavailable' },
  },
} as const satisfies SdkRecord;

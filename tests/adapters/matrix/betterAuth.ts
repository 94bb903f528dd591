import type { SdkRecord } from '../sdkRecord';

/** better-auth with its JWT plugin: what `token()` answers or throws, and what the recipe makes of it. */
export const betterAuth = {
  sdk: 'better-auth',
  version: '1.7.25',
  cells: {
    drop: { bare: 'TypeError', ours: 'unavailable' },
    offline: { bare: 'TypeError', ours: 'unavailable' },
    '500': { bare: 'error 500', ours: 'unavailable' },
    '503-html': { bare: 'error 503', ours: 'unavailable' },
    '429': { bare: 'error 429', ours: 'unavailable' },
    '400-invalid-grant': { bare: 'error 400', ours: 'unavailable' },
    '401': { bare: 'error 401', ours: 'signed-out' },
    hang: { bare: 'pending', ours: 'unavailable' },
  },
} as const satisfies SdkRecord;

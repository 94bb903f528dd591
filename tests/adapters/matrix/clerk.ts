import type { SdkRecord } from '../sdkRecord';

/** Clerk asked for a new token: what `getToken({ skipCache: true })` does by itself, and what `clerkToken` makes of it. */
export const clerk = {
  sdk: '@clerk/clerk-js',
  version: '6.40.0',
  cells: {
    drop: { bare: 'pending', ours: 'unavailable' },
    offline: { bare: 'pending', ours: 'unavailable' },
    '500': { bare: 'pending', ours: 'unavailable' },
    '503-html': { bare: 'pending', ours: 'unavailable' },
    '429': { bare: 'pending', ours: 'unavailable' },
    /** No denial: Clerk ends a session with a 401 and a client that does not list it any more. */
    '400-invalid-grant': { bare: 'ClerkAPIResponseError 400', ours: 'unavailable' },
    '401': { bare: 'ClerkAPIResponseError 401, user dropped', ours: 'signed-out' },
    hang: { bare: 'pending', ours: 'unavailable' },
  },
} as const satisfies SdkRecord;

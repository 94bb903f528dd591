import type { SdkRecord } from '../sdkRecord';

/**
 * @supabase/auth-js with an expired token: what `getSession()` does by itself, and what `supabaseToken` makes of it where
 * the client has `supabaseFetch()`. "dropped" means that the SDK has deleted the session and has told the page SIGNED_OUT.
 */
export const supabase = {
  sdk: '@supabase/auth-js',
  version: '2.109.0',
  cells: {
    drop: { bare: 'pending', ours: 'unavailable' },
    offline: { bare: 'pending', ours: 'unavailable' },
    '500': { bare: 'pending', ours: 'unavailable' },
    '503-html': { bare: 'pending', ours: 'unavailable' },
    '429': { bare: 'AuthApiError, dropped', ours: 'unavailable' },
    '400-invalid-grant': { bare: 'AuthApiError, dropped', ours: 'signed-out' },
    '401': { bare: 'AuthApiError, dropped', ours: 'signed-out' },
    hang: { bare: 'pending', ours: 'unavailable' },
  },
} as const satisfies SdkRecord;

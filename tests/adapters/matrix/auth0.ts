import type { SdkRecord } from '../sdkRecord';

/** auth0-spa-js with an expired token: what `getTokenSilently()` does by itself, and what `auth0Token` makes of it. */
export const auth0 = {
  sdk: '@auth0/auth0-spa-js',
  version: '2.28.3',
  cells: {
    drop: { bare: 'TypeError', ours: 'unavailable' },
    offline: { bare: 'TypeError', ours: 'unavailable' },
    '500': { bare: 'Error server_error', ours: 'unavailable' },
    '503-html': { bare: 'SyntaxError', ours: 'unavailable' },
    '429': { bare: 'Error too_many_requests', ours: 'unavailable' },
    '400-invalid-grant': { bare: 'Error invalid_grant, user kept', ours: 'signed-out' },
    '401': { bare: 'Error invalid_token, user kept', ours: 'signed-out' },
    hang: { bare: 'pending', ours: 'unavailable' },
  },
} as const satisfies SdkRecord;

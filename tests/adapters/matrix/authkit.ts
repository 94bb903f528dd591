import type { SdkRecord } from '../sdkRecord';

/** authkit-js with an expired token: what `getAccessToken()` does by itself, and what `authKitToken` makes of it. */
export const authkit = {
  sdk: '@workos-inc/authkit-js',
  version: '0.20.3',
  cells: {
    drop: { bare: 'TypeError', ours: 'unavailable' },
    offline: { bare: 'TypeError', ours: 'unavailable' },
    '500': { bare: 'RefreshError server_error', ours: 'unavailable' },
    '503-html': { bare: 'RefreshError', ours: 'unavailable' },
    '429': { bare: 'RefreshError too_many_requests', ours: 'unavailable' },
    '400-invalid-grant': { bare: 'LoginRequiredError, user dropped', ours: 'signed-out' },
    '401': { bare: 'LoginRequiredError, user dropped', ours: 'signed-out' },
    hang: { bare: 'pending', ours: 'unavailable' },
  },
  /** With a token that is about to end and still good. */
  nearExpiry: {
    drop: { bare: 'TypeError', ours: 'the token' },
    '500': { bare: 'the token', ours: 'the token' },
    '503-html': { bare: 'the token', ours: 'the token' },
    '429': { bare: 'the token', ours: 'the token' },
    hang: { bare: 'pending', ours: 'the token' },
  },
} as const satisfies SdkRecord;

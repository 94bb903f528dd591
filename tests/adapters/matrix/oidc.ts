import type { SdkRecord } from '../sdkRecord';

/** oidc-client-ts with an expired token: what `signinSilent()` does by itself, and what `oidcToken` makes of it. */
export const oidc = {
  sdk: 'oidc-client-ts',
  version: '3.5.0',
  cells: {
    drop: { bare: 'TypeError', ours: 'unavailable' },
    offline: { bare: 'TypeError', ours: 'unavailable' },
    '500': { bare: 'ErrorResponse server_error', ours: 'unavailable' },
    '503-html': { bare: 'Error', ours: 'unavailable' },
    '429': { bare: 'ErrorResponse too_many_requests', ours: 'unavailable' },
    '400-invalid-grant': { bare: 'ErrorResponse invalid_grant', ours: 'signed-out' },
    '401': { bare: 'ErrorResponse invalid_token', ours: 'signed-out' },
    hang: { bare: 'pending', ours: 'unavailable' },
  },
} as const satisfies SdkRecord;

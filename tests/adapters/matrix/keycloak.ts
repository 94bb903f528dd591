import type { SdkRecord } from '../sdkRecord';

/** keycloak-js with an ended token: what `updateToken()` does by itself, and what the recipe makes of it. */
export const keycloak = {
  sdk: 'keycloak-js',
  version: '26.2.4',
  cells: {
    drop: { bare: 'TypeError', ours: 'unavailable' },
    offline: { bare: 'TypeError', ours: 'unavailable' },
    '500': { bare: 'Error 500', ours: 'unavailable' },
    '503-html': { bare: 'Error 503', ours: 'unavailable' },
    '429': { bare: 'Error 429', ours: 'unavailable' },
    '400-invalid-grant': { bare: 'Error 400, dropped', ours: 'signed-out' },
    '401': { bare: 'Error 401', ours: 'signed-out' },
    hang: { bare: 'pending', ours: 'unavailable' },
  },
} as const satisfies SdkRecord;

import type { SdkRecord } from '../sdkRecord';

/**
 * @azure/msal-browser with an ended token and `CacheLookupPolicy.AccessTokenAndRefreshToken`: what `acquireTokenSilent()` throws,
 * and what the recipe makes of it.
 */
export const msal = {
  sdk: '@azure/msal-browser',
  version: '5.30.0',
  cells: {
    drop: { bare: 'BrowserAuthError post_request_failed', ours: 'unavailable' },
    offline: { bare: 'BrowserAuthError no_network_connectivity', ours: 'unavailable' },
    '500': { bare: 'ServerError server_error', ours: 'unavailable' },
    '503-html': { bare: 'BrowserAuthError failed_to_parse_response', ours: 'unavailable' },
    '429': { bare: 'ServerError too_many_requests', ours: 'unavailable' },
    '400-invalid-grant': { bare: 'ServerError invalid_grant', ours: 'signed-out' },
    '401': { bare: 'ServerError invalid_token', ours: 'signed-out' },
    hang: { bare: 'pending', ours: 'unavailable' },
  },
} as const satisfies SdkRecord;

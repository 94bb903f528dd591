import type { SdkRecord } from '../sdkRecord';

/**
 * aws-amplify with an ended token: what `fetchAuthSession()` does by itself, and what the recipe makes of it. "dropped" means that
 * the SDK has deleted the tokens. The denial is Cognito's own, NotAuthorizedException; a 401 never comes from Cognito.
 */
export const amplify = {
  sdk: 'aws-amplify',
  version: '6.22.1',
  cells: {
    drop: { bare: 'NetworkError', ours: 'unavailable' },
    offline: { bare: 'NetworkError', ours: 'unavailable' },
    '500': { bare: 'UnknownError', ours: 'unavailable' },
    '503-html': { bare: 'SyntaxError', ours: 'unavailable' },
    '429': { bare: 'UnknownError', ours: 'unavailable' },
    '400-invalid-grant': { bare: 'no tokens, dropped', ours: 'signed-out' },
    '401': { bare: 'UnknownError', ours: 'unavailable' },
    hang: { bare: 'pending', ours: 'unavailable' },
  },
} as const satisfies SdkRecord;

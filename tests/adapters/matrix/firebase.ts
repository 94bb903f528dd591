import type { SdkRecord } from '../sdkRecord';

/**
 * @firebase/auth with an ended token: what `getIdToken()` does by itself, and what `firebaseToken` makes of it. "dropped" means that
 * the SDK has signed the user out. The denial is Firebase's own, TOKEN_EXPIRED; a 401 never comes from Firebase.
 */
export const firebase = {
  sdk: '@firebase/auth',
  version: '1.13.6',
  cells: {
    drop: { bare: 'FirebaseError auth/network-request-failed', ours: 'unavailable' },
    offline: { bare: 'FirebaseError auth/network-request-failed', ours: 'unavailable' },
    '500': { bare: 'FirebaseError auth/network-request-failed', ours: 'unavailable' },
    '503-html': { bare: 'FirebaseError auth/network-request-failed', ours: 'unavailable' },
    '429': { bare: 'FirebaseError auth/network-request-failed', ours: 'unavailable' },
    '400-invalid-grant': { bare: 'FirebaseError auth/user-token-expired, dropped', ours: 'signed-out' },
    '401': { bare: 'FirebaseError auth/network-request-failed', ours: 'unavailable' },
    hang: { bare: 'pending', ours: 'unavailable' },
  },
} as const satisfies SdkRecord;

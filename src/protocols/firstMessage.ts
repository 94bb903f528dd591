import type { Carrier } from './protocol';

/**
 * The token travels in the first frame, `{"type":"auth","token"}`: in no URL, no header and no log. Without a token,
 * as after `signedIn()`, nothing is said and the link is ready when it is open.
 */
export function firstMessage(): Carrier {
  return {
    hello: token => (token === '' ? null : JSON.stringify({ type: 'auth', token })),
    waitsForReady: true,
  };
}

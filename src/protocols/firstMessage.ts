import type { Carrier } from './protocol';

/** The token travels in the first frame, `{"type":"auth","token"}`: in no URL, no header and no log. */
export function firstMessage(): Carrier {
  return { hello: token => JSON.stringify({ type: 'auth', token }), waitsForReady: true };
}

import { tabMode } from '../machine/session';
import type { State } from '../machine/state';

/**
 * The name of the channel and the lock that tabs of one session share.
 *
 * Hashed, because other code of the origin can list lock names and a key is often a user's id or address. No secret
 * depends on it: whoever runs in this origin can do all that we can.
 */
export function channelName(audience: string, key: string): string {
  const text = JSON.stringify([audience, key]);
  return `react-auth-socket:${hash(text, 0)}${hash(text, 1)}${hash(text, 2)}`;
}

/** Where the tabs of the session of the moment meet; null: it shares nothing. */
export function channelOf(state: State, audience: string): string | null {
  const { key } = state.session;
  return tabMode(state) !== 'separate' && key ? channelName(audience, key) : null;
}

/** 32 bits by multiplying and folding, spread by a last round of mixing. */
function hash(text: string, seed: number): string {
  let sum = 0x9e3779b9 ^ (seed * 0x85ebca6b);
  for (let at = 0; at < text.length; at += 1) {
    sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193 + 2 * seed);
    sum ^= sum >>> 15;
  }
  sum = Math.imul(sum ^ (sum >>> 16), 0x45d9f3b);
  return ((sum ^ (sum >>> 16)) >>> 0).toString(36).padStart(7, '0');
}

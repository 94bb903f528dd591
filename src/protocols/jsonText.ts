import { AuthSocketError } from '../machine/errors';
import type { Frame, Inbound } from './protocol';

/** The value of a text frame, or the frame that says why there is none. */
export function readJson(data: Inbound): { value: unknown } | Extract<Frame<never>, { kind: 'malformed' }> {
  if (typeof data !== 'string') return { kind: 'malformed', why: 'a binary frame, not JSON' };
  try {
    return { value: JSON.parse(data) as unknown };
  } catch {
    return { kind: 'malformed', why: 'not JSON' };
  }
}

/** The text of a value. Throws 'invalid-message' for what has none, and what `JSON.stringify` throws. */
export function writeJson(value: unknown, what = 'A message'): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text !== undefined) return text;
  throw new AuthSocketError('invalid-message', `${what} must have a JSON form.`);
}

import { isAuthSocketError } from '../../src/core';

/** What an action throws: code and message of an error of ours, the text of any other; undefined if it throws nothing. */
export function thrownBy(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return isAuthSocketError(error) ? `${error.code} ${error.message}` : String(error);
  }
  return undefined;
}

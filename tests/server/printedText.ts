import { isAuthSocketError } from '../../src/core';

/** An error as a crash reporter would keep it: with its stack and everything that caused it. */
export function printedText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = isAuthSocketError(error) ? error.code : '';
  return `${code} ${error.stack ?? ''} ${String(error)} ${JSON.stringify(error)} ${printedText(error.cause)}`;
}

import { demandOption } from '../machine/demandOption';
import { isAuthSocketError } from '../machine/errors';
import type { SchemaIssue, SchemaResult, StandardSchema } from './standardSchema';

/** A value that fits its schema, or in one line why it does not. */
export type Checked<T> = { value: T } | { why: string };

/** So many issues are named; the rest is counted. */
const MOST_ISSUES = 3;
const LONGEST_WHY = 300;

/** A shorter value is no secret, and may be part of any word. */
const SHORTEST_SECRET = 3;

/**
 * Makes a schema a plain function. Throws an 'invalid-option' for what is no Standard Schema, and for one that answers
 * with a promise: at once where that can be seen, else with the first value.
 */
export function checkedBy<T>(
  schema: StandardSchema<unknown, T>,
  option: string,
): (value: unknown) => Checked<T> {
  const validate = (schema as Partial<StandardSchema<unknown, T>> | null)?.['~standard']?.validate;
  demandOption(typeof validate === 'function', `jsonProtocol: ${option}`, 'a Standard Schema');
  const check = (value: unknown): Checked<T> => {
    const result = validate(value);
    if (isPromise(result)) result.catch(() => {});
    demandOption(
      !isPromise(result),
      `jsonProtocol: ${option}`,
      'a schema that is not async: frames are read in order',
    );
    return result.issues ? { why: inWords(result.issues, value) } : { value: result.value };
  };
  try {
    check(undefined);
  } catch (cause) {
    // A schema may choke on nothing at all; that an async one is of no use is known now.
    if (isAuthSocketError(cause)) throw cause;
  }
  return check;
}

function isPromise<T>(
  result: SchemaResult<T> | Promise<SchemaResult<T>>,
): result is Promise<SchemaResult<T>> {
  return typeof (result as Partial<Promise<unknown>>).then === 'function';
}

/** Where and what, without the value: a message may hold somebody's secret, and some libraries quote it. */
function inWords(issues: readonly SchemaIssue[], value: unknown): string {
  const lines = issues.slice(0, MOST_ISSUES).map(({ message, path = [] }) => {
    const keys = path.map(part => (typeof part === 'object' ? part.key : part));
    const place = keys.map(String).join('.') || 'message';
    const found = keys.reduce<unknown>((from, key) => (from as Record<PropertyKey, unknown>)?.[key], value);
    return quotes(message, found) ? `${place}: does not fit` : `${place}: ${message}`;
  });
  const more = issues.length > MOST_ISSUES ? ` and ${issues.length - MOST_ISSUES} more` : '';
  return `${lines.join('; ')}${more}`.slice(0, LONGEST_WHY);
}

function quotes(text: string, value: unknown): boolean {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
  return isPlain && String(value).length >= SHORTEST_SECRET && text.includes(String(value));
}

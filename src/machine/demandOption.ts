import { AuthSocketError } from './errors';

/** Throws an 'invalid-option' that names what is wrong, unless it is right. */
export function demandOption(isMet: boolean, name: string, must: string): asserts isMet {
  if (!isMet) throw new AuthSocketError('invalid-option', `${name} must be ${must}.`);
}

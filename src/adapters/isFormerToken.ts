import type { TokenRequest } from '../runtime/tokenSource';

/**
 * Is the token in an SDK's cache the one that is to be replaced?
 *
 * A token other than the last one is newer: the SDK, or another tab of it, was faster. So no clock has to be asked.
 */
export function isFormerToken(
  token: string,
  {
    previous,
    forceRefresh,
    minValidityMs,
  }: Pick<TokenRequest, 'previous' | 'forceRefresh' | 'minValidityMs'>,
): boolean {
  if (previous === null) return forceRefresh;
  return token === previous.token && (forceRefresh || minValidityMs > 0);
}

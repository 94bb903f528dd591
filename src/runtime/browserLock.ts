import type { Lock } from './ports';

/**
 * Mutual exclusion over Web Locks; null where there are none, as on insecure pages.
 *
 * @see https://www.w3.org/TR/web-locks/
 */
export function browserLock(navigator: Navigator): Lock | null {
  const locks = navigator.locks as LockManager | undefined;
  if (typeof locks?.request !== 'function') return null;
  return {
    request: (name, signal, body) => locks.request(name, { signal }, body) as ReturnType<typeof body>,
  };
}

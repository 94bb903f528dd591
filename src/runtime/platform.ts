import { browserLock } from './browserLock';
import { browserPage } from './browserPage';
import { browserTabs } from './browserTabs';
import type { Platform } from './ports';
import { systemClock } from './systemClock';

/** The ports that were given, and the globals of this moment for the others. */
export function platformOf(given: Partial<Platform> = {}): Platform {
  return {
    WebSocket: globalThis.WebSocket,
    clock: systemClock,
    random: Math.random,
    page: typeof window === 'object' && typeof document === 'object' ? browserPage(window) : null,
    tabs: browserTabs(),
    lock: typeof navigator === 'object' ? browserLock(navigator) : null,
    ...given,
  };
}

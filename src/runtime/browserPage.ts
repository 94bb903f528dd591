import type { Page, PageSignal } from './ports';

/** The document's lifecycle as signals. */
export function browserPage(window: Window & typeof globalThis): Page {
  const { document, navigator } = window;
  return {
    href: window.location.href,
    isVisible: () => document.visibilityState !== 'hidden',
    isOnline: () => navigator.onLine !== false,
    requestFrame(callback) {
      const frame = window.requestAnimationFrame(callback);
      return () => window.cancelAnimationFrame(frame);
    },
    subscribe(listener) {
      const undo: (() => void)[] = [];
      const on = (target: EventTarget, type: string, signal: (event: Event) => PageSignal | null) => {
        const handler = (event: Event) => {
          const word = signal(event);
          if (word) listener(word);
        };
        target.addEventListener(type, handler, { passive: true });
        undo.push(() => target.removeEventListener(type, handler));
      };
      on(document, 'visibilitychange', () => (document.visibilityState === 'hidden' ? 'hidden' : 'shown'));
      on(document, 'freeze', () => 'frozen');
      on(document, 'resume', () => 'resumed');
      on(window, 'pagehide', () => 'left');
      on(window, 'pageshow', event => ((event as PageTransitionEvent).persisted ? 'returned' : null));
      on(window, 'focus', () => 'focused');
      on(window, 'online', () => 'online');
      on(window, 'offline', () => 'offline');
      for (const type of ['keydown', 'pointerdown']) on(window, type, () => 'used');
      return () => undo.forEach(remove => remove());
    },
  };
}

import type { Page, PageSignal } from './ports';

const documentEvents = ['visibilitychange', 'freeze', 'resume'];

/** What an event says; null: it is asked itself. */
const signals: Readonly<Record<string, PageSignal | null>> = {
  visibilitychange: null,
  freeze: 'frozen',
  resume: 'resumed',
  pagehide: 'left',
  pageshow: null,
  focus: 'focused',
  online: 'online',
  offline: 'offline',
  keydown: 'used',
  pointerdown: 'used',
};

/** The document's lifecycle as signals. */
export function browserPage(window: Window & typeof globalThis): Page {
  const { document, navigator } = window;
  const isVisible = () => document.visibilityState !== 'hidden';

  function signalOf(event: Event): PageSignal | null | undefined {
    if (event.type === 'visibilitychange') return isVisible() ? 'shown' : 'hidden';
    if (event.type === 'pageshow') return (event as PageTransitionEvent).persisted ? 'returned' : null;
    return signals[event.type];
  }

  return {
    href: window.location.href,
    isVisible,
    isOnline: () => navigator.onLine !== false,
    requestFrame(callback) {
      const frame = window.requestAnimationFrame(callback);
      return () => window.cancelAnimationFrame(frame);
    },
    subscribe(listener) {
      const handler = (event: Event) => {
        const signal = signalOf(event);
        if (signal) listener(signal);
      };
      const undo = Object.keys(signals).map(type => {
        const target = documentEvents.includes(type) ? document : window;
        target.addEventListener(type, handler, { passive: true });
        return () => target.removeEventListener(type, handler);
      });
      return () => undo.forEach(remove => remove());
    },
  };
}

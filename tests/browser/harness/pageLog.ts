/**
 * Runs inside the page: notes what happens to the document, its sockets and its components, and hands each note to
 * the test through the binding `recordPageEntry`, so that a reload or a crash loses nothing.
 */

export interface PageEntry {
  /** Position in this document's log, from 0. */
  readonly index: number;
  /** Tells documents apart: a reload makes a new one. */
  readonly document: string;
  /** Epoch ms by the page's clock. */
  readonly at: number;
  /** Monotonic ms since the document began. */
  readonly elapsed: number;
  readonly kind: PageEntryKind;
  readonly detail?: unknown;
}

export type PageEntryKind =
  | 'document.loaded'
  /** Detail: name of the event. */
  | 'lifecycle'
  /** Detail: `reload`, `push`, `replace` or `traverse`, and where to. */
  | 'navigation'
  /** Detail of all socket entries: number of the socket, from 1, and what there is to say. */
  | 'socket.dialled'
  | 'socket.opened'
  | 'socket.closed'
  | 'socket.failed'
  /** `close()` was called; detail holds readyState. */
  | 'socket.left'
  | 'mounted'
  | 'unmounted'
  | 'token.asked'
  | 'status'
  | 'message'
  | 'session.expired'
  | 'dropped'
  | 'error'
  | 'rejection'
  | 'note';

/** The part of the Navigation API that is used here; the DOM library does not know it yet. */
interface NavigationEvents {
  addEventListener(
    type: 'navigate',
    listener: (event: { navigationType: string; destination: { url: string } }) => void,
  ): void;
}

declare global {
  interface Window {
    navigation: NavigationEvents;
    recordPageEntry?: (json: string) => void;
    pageLog: readonly PageEntry[];
    /** Every WebSocket of this document, in the order of their construction. */
    sockets: WebSocket[];
  }
}

const log: PageEntry[] = [];
const documentId = Math.random().toString(36).slice(2, 8);

/** Adds an entry to the log. */
export function record(kind: PageEntryKind, detail?: unknown): void {
  const entry: PageEntry = {
    index: log.length,
    document: documentId,
    at: Date.now(),
    elapsed: performance.now(),
    kind,
    detail,
  };
  log.push(entry);
  window.recordPageEntry?.(JSON.stringify(entry));
}

/** Starts the log; call before anything else runs. */
export function startPageLog(): void {
  window.pageLog = log;
  record('document.loaded');
  for (const name of ['visibilitychange', 'freeze', 'resume'])
    document.addEventListener(
      name,
      () => record('lifecycle', { name, visibility: document.visibilityState }),
      true,
    );
  for (const name of ['focus', 'blur', 'online', 'offline', 'pageshow', 'pagehide'])
    window.addEventListener(
      name,
      event => {
        if (event.target !== window && event.target !== document) return;
        record('lifecycle', { name, ...('persisted' in event ? { persisted: event.persisted } : {}) });
      },
      true,
    );
  window.addEventListener('unhandledrejection', event => record('rejection', String(event.reason)));
  window.navigation.addEventListener('navigate', event => {
    record('navigation', { type: event.navigationType, to: event.destination.url });
  });
  window.sockets = [];
  window.WebSocket = watchedSocket(window.WebSocket);
}

/** The same constructor, with an entry for everything that happens to its sockets. */
function watchedSocket(Original: typeof WebSocket): typeof WebSocket {
  return class extends Original {
    #number: number;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.#number = window.sockets.push(this);
      const { pathname, search } = new URL(url, location.href);
      record('socket.dialled', { socket: this.#number, target: pathname + search });
      this.addEventListener('open', () => record('socket.opened', { socket: this.#number }));
      this.addEventListener('error', () => record('socket.failed', { socket: this.#number }));
      this.addEventListener('close', ({ code, reason, wasClean }) =>
        record('socket.closed', { socket: this.#number, code, reason, wasClean }),
      );
    }

    override close(code?: number, reason?: string): void {
      record('socket.left', { socket: this.#number, code, readyState: this.readyState });
      super.close(code, reason);
    }
  };
}

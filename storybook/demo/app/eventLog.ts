import type { SocketStatus, TraceEvent } from 'react-auth-socket';
import { explain, type LogLine } from './explain';

export interface LogEntry extends LogLine {
  readonly id: number;
  /** Epoch ms. */
  readonly at: number;
  /** The fact behind it, if it came from the trace. */
  readonly cause?: string | undefined;
}

/** What happened and why, newest first. */
export interface EventLog {
  /** For `onTrace`. */
  trace(event: TraceEvent): void;
  /** Something the visitor or the page did. */
  note(at: number, line: LogLine): void;
  /** Whose status completes the sentences. */
  watch(socket: { getStatus(): SocketStatus }): void;
  get(): readonly LogEntry[];
  subscribe(listener: () => void): () => void;
}

const MOST_ENTRIES = 200;

export function createEventLog(): EventLog {
  const listeners = new Set<() => void>();
  let entries: readonly LogEntry[] = [];
  let watched: { getStatus(): SocketStatus } | null = null;
  let lastId = 0;

  function put(entry: Omit<LogEntry, 'id'>, index = 0): void {
    entries = entries.toSpliced(index, 0, { ...entry, id: ++lastId }).slice(0, MOST_ENTRIES);
    for (const listener of listeners) listener();
  }

  return {
    note: (at, line) => put({ ...line, at }),
    trace(event) {
      const line = watched && explain(event, watched.getStatus());
      if (!line) return;
      const { at } = event;
      const cause = 'cause' in event ? event.cause : undefined;
      // A change is traced after what was done because of it; for a reader it comes first.
      const isChange = event.type === 'link.changed' || event.type === 'session.changed';
      const deeds = entries.findIndex(entry => entry.at !== at || entry.cause !== cause);
      put({ ...line, at, cause }, isChange ? Math.max(0, deeds) : 0);
    },
    watch(socket) {
      watched = socket;
    },
    get: () => entries,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

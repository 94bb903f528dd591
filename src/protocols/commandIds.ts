/**
 * The ids of commands for a server that wants each to be larger than the one before on the same link, while the
 * application wants to keep one for a subscription that outlives links, or has sent one that waited in the queue.
 */
export interface CommandIds {
  /** An id that was never used. */
  next(): number;
  /** What a command is called on the wire: its own id if that is still ahead of all others, else a new one. */
  onWire(id: number | undefined): number;
  /** Whose id the server means. */
  ofApp(wireId: number): number;
  /** What the command of this id was last called on the wire. */
  lastOnWire(id: number): number;
}

/** So many translations are remembered; those that were in use longest ago go first. */
const MOST_ALIASES = 1_000;

/** One counter may serve a link and its replacement at once: it only grows, so it grows on each of them. */
export function commandIds(): CommandIds {
  let given = 0;
  let written = 0;
  /** Wire id to the application's, where they differ; the one that was used last comes last. */
  const aliases = new Map<number, number>();

  const next = () => (given += 1);
  return {
    next,
    onWire(id) {
      if (id !== undefined && id > written) {
        given = Math.max(given, id);
        return (written = id);
      }
      written = next();
      if (id !== undefined) {
        aliases.set(written, id);
        for (const oldest of aliases.keys()) {
          if (aliases.size <= MOST_ALIASES) break;
          aliases.delete(oldest);
        }
      }
      return written;
    },
    ofApp(wireId) {
      const id = aliases.get(wireId);
      if (id === undefined) return wireId;
      aliases.delete(wireId);
      aliases.set(wireId, id);
      return id;
    },
    lastOnWire(id) {
      let last = id;
      for (const [wireId, of] of aliases) if (of === id) last = Math.max(last, wireId);
      return last;
    },
  };
}

import type { Incoming } from './socket';

/** A message of the numbered stream, as it is drawn. */
export interface SeenTick {
  readonly seq: number;
  readonly at: number;
  /** It came late: an outage was in between. */
  readonly isCaughtUp: boolean;
}

/** What became of the numbered stream. */
export interface TickFeed {
  /** The newest ones, oldest first. */
  readonly recent: readonly SeenTick[];
  readonly received: number;
  readonly caughtUp: number;
  readonly missing: number;
  readonly twice: number;
  /** Up to this number the server repeats what was missed. */
  readonly catchUpTo: number;
}

export const emptyFeed: TickFeed = {
  recent: [],
  received: 0,
  caughtUp: 0,
  missing: 0,
  twice: 0,
  catchUpTo: 0,
};

/** As many as the strip shows. */
export const STRIP_LENGTH = 60;

export function reduceFeed(feed: TickFeed, batch: readonly Incoming[]): TickFeed {
  return batch.reduce(take, feed);
}

function take(feed: TickFeed, message: Incoming): TickFeed {
  if (message.type === 'resumed') return { ...feed, catchUpTo: message.from + message.replayed - 1 };
  if (message.type !== 'tick') return feed;
  const { seq, at } = message;
  const last = feed.recent.at(-1)?.seq;
  if (last !== undefined && seq <= last) return { ...feed, twice: feed.twice + 1 };
  const isCaughtUp = seq <= feed.catchUpTo;
  return {
    ...feed,
    recent: [...feed.recent, { seq, at, isCaughtUp }].slice(-STRIP_LENGTH),
    received: feed.received + 1,
    caughtUp: feed.caughtUp + Number(isCaughtUp),
    missing: feed.missing + (last === undefined ? 0 : seq - last - 1),
  };
}

/** The message of every measurement: a price that moved, about 100 bytes as JSON. */
export interface Tick {
  type: string;
  id: number;
  symbol: string;
  price: number;
  at: number;
}

/** What a client reads of a message event. */
export interface Frame {
  readonly data: string;
}

/** Frames as they come off the wire, numbered from 0, their topics in turn. */
export function frames(count: number, topics: readonly string[] = ['price.updated']): Frame[] {
  return Array.from({ length: count }, (_, id) => ({ data: JSON.stringify(tickOf(id, topics)) }));
}

function tickOf(id: number, topics: readonly string[]): Tick {
  return {
    type: topics[id % topics.length] ?? '',
    id,
    symbol: `SYM${id % 500}`,
    price: 100 + (id % 997) / 100,
    at: 1_700_000_000_000 + id,
  };
}

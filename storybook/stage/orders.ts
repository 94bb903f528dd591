import type { FromKitchen } from './kitchen';

export interface Order {
  readonly seq: number;
  readonly dish: string;
  /** Epoch ms. */
  readonly at: number;
}

/** The numbered orders as they came. */
export interface Orders {
  /** The newest few, newest first. */
  readonly recent: readonly Order[];
  readonly last: number;
  readonly received: number;
  readonly missing: number;
  readonly twice: number;
}

export const noOrders: Orders = { recent: [], last: 0, received: 0, missing: 0, twice: 0 };

/** As many as the screen shows. */
const SHOWN = 4;

export function reduceOrders(orders: Orders, batch: readonly unknown[]): Orders {
  return (batch as readonly FromKitchen[]).reduce(take, orders);
}

function take(orders: Orders, message: FromKitchen): Orders {
  if (message.type !== 'order') return orders;
  const { seq, dish, at } = message;
  if (seq <= orders.last) return { ...orders, twice: orders.twice + 1 };
  return {
    recent: [{ seq, dish, at }, ...orders.recent].slice(0, SHOWN),
    last: seq,
    received: orders.received + 1,
    missing: orders.missing + (orders.last === 0 ? 0 : seq - orders.last - 1),
    twice: orders.twice,
  };
}

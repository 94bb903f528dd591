import type { DropReason } from '../machine/effect';
import { AuthSocketError } from '../machine/errors';
import { enqueue, prune, type OutboxLimits, type Queued } from '../machine/outbox';
import type { Outbound } from '../protocols/protocol';

export interface OutgoingPorts<Out> {
  elapsedMs(): number;
  limits(): OutboxLimits;
  /** Throws what `protocol.write` throws. */
  write(message: Out): Outbound;
  /** Hands a frame to the open link; false: there is none, or it takes nothing. */
  transmit(data: Outbound): boolean;
  onDropped(drop: { message: Out; why: DropReason }): void;
  onError(error: AuthSocketError): void;
}

/** What the application sends: at once over an open link, else queued, first in, first out. */
export interface Outgoing<Out> {
  readonly length: number;
  send(message: Out, mayQueue: boolean): 'sent' | 'queued' | 'dropped';
  flush(): void;
  /** Drops what waited too long. */
  prune(): void;
  drop(why: DropReason): void;
}

export function createOutgoing<Out>(ports: OutgoingPorts<Out>): Outgoing<Out> {
  let queue: readonly Queued<Out>[] = [];

  const encode = (message: Out): Outbound => {
    try {
      return ports.write(message);
    } catch (cause) {
      throw new AuthSocketError(
        'invalid-message',
        'This message cannot be written; nothing was sent.',
        cause,
      );
    }
  };
  const dropAll = (items: readonly Queued<Out>[], why: DropReason) => {
    for (const { message } of items) ports.onDropped({ message, why });
  };
  const pruneNow = () => {
    const pruned = prune(queue, ports.elapsedMs(), ports.limits());
    queue = pruned.queue;
    dropAll(pruned.expired, 'expired');
  };

  return {
    get length() {
      return queue.length;
    },
    send(message, mayQueue) {
      const data = encode(message);
      if (ports.transmit(data)) return 'sent';
      if (!mayQueue) return 'dropped';
      const item = { message, at: ports.elapsedMs() };
      const result = enqueue(queue, item, ports.limits());
      queue = result.queue;
      if (result.overflowed) dropAll([result.overflowed], 'overflow');
      return result.overflowed === item ? 'dropped' : 'queued';
    },
    flush() {
      pruneNow();
      while (queue[0]) {
        const [{ message }, ...rest] = queue as [Queued<Out>, ...Queued<Out>[]];
        let data: Outbound | null = null;
        try {
          data = encode(message);
        } catch (error) {
          ports.onError(error as AuthSocketError);
        }
        if (data !== null && !ports.transmit(data)) return;
        queue = rest;
      }
    },
    prune: pruneNow,
    drop(why) {
      const dropped = queue;
      queue = [];
      dropAll(dropped, why);
    },
  };
}

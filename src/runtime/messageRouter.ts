type Handler = (message: never) => void;

/** Hands each message to everybody who wants all of them, then to those who want its topic. */
export interface MessageRouter {
  add(handler: Handler, topic: string | undefined): () => void;
  deliver(message: unknown, topic: string | undefined): void;
}

/** Who wants the same messages. */
interface Audience {
  readonly topic: string | undefined;
  readonly members: Set<Handler>;
  /** The members, for a delivery to go through; null: somebody came or went since it was made. */
  list: readonly Handler[] | null;
}

/**
 * An index by topic, so that a message costs what its listeners cost and no more.
 *
 * A list is replaced, never changed, so a handler may come or go while a message is being delivered. It is made by the
 * first delivery after a change, so that a thousand components come and go at the price of a thousand.
 */
export function createMessageRouter(onThrow: (cause: unknown) => void): MessageRouter {
  const audiences = new Map<string | undefined, Audience>();
  const audienceOf = (topic?: string): Audience =>
    audiences.get(topic) ?? { topic, members: new Set(), list: null };
  const everybody = audienceOf();
  let last: Audience | null | undefined;

  const tell = (audience: Audience, message: unknown) => {
    for (const handler of (audience.list ??= [...audience.members])) {
      try {
        handler(message as never);
      } catch (cause) {
        onThrow(cause);
      }
    }
  };

  return {
    add(handler, topic) {
      const audience = topic === undefined ? everybody : audienceOf(topic);
      if (topic !== undefined) audiences.set(topic, audience);
      // Wrapped, so that the same function added twice is two subscriptions.
      const own: Handler = message => handler(message);
      audience.members.add(own);
      audience.list = null;
      return () => {
        audience.list = last = null;
        if (audience.members.delete(own) && audience.members.size === 0) audiences.delete(topic);
      };
    },
    deliver(message, topic) {
      tell(everybody, message);
      // To look up a text that has just come off the wire takes longer than all the rest, to compare it does not.
      if (audiences.size === 0) return;
      if (last?.topic !== topic) last = audiences.get(topic);
      if (last) tell(last, message);
    },
  };
}

type Handler = (message: never) => void;

/** Hands each message to everybody who wants all of them, then to those who want its topic. */
export interface MessageRouter {
  add(handler: Handler, topic: string | undefined): () => void;
  deliver(message: unknown, topic: string | undefined): void;
}

/** Who wants the same messages. */
interface Audience {
  readonly members: Map<object, Handler>;
  /** The members as they are, for a delivery to go through; null: somebody came or went since. */
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

  const tell = (audience: Audience | undefined, message: unknown) => {
    if (!audience) return;
    const list = (audience.list ??= [...audience.members.values()]);
    for (let i = 0; i < list.length; i++) {
      try {
        list[i]?.(message as never);
      } catch (cause) {
        onThrow(cause);
      }
    }
  };

  return {
    add(handler, topic) {
      const audience = audiences.get(topic) ?? { members: new Map(), list: null };
      audiences.set(topic, audience);
      // A key of its own, so that the same function added twice is two subscriptions.
      const key = {};
      audience.members.set(key, handler);
      audience.list = null;
      return () => {
        audience.list = null;
        if (audience.members.delete(key) && audience.members.size === 0) audiences.delete(topic);
      };
    },
    deliver(message, topic) {
      tell(audiences.get(undefined), message);
      if (topic !== undefined) tell(audiences.get(topic), message);
    },
  };
}

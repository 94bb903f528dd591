type Handler = (message: never) => void;

/** Hands each message to everybody who wants all of them, then to those who want its topic. */
export interface MessageRouter {
  add(handler: Handler, topic: string | undefined): () => void;
  deliver(message: unknown, topic: string | undefined): void;
}

/**
 * An index by topic, so that a message costs what its listeners cost and no more.
 *
 * The lists are replaced, never changed, so a handler may come or go while a message is being delivered.
 */
export function createMessageRouter(onThrow: (cause: unknown) => void): MessageRouter {
  const everything = Symbol('every topic');
  const lists = new Map<string | symbol, readonly { handler: Handler }[]>();
  let toAll: readonly { handler: Handler }[] = [];

  const run = (list: readonly { handler: Handler }[], message: unknown) => {
    for (let i = 0; i < list.length; i++) {
      try {
        list[i]?.handler(message as never);
      } catch (cause) {
        onThrow(cause);
      }
    }
  };

  return {
    add(handler, topic) {
      const key = topic ?? everything;
      const entry = { handler };
      const put = (list: readonly { handler: Handler }[]) => {
        if (list.length > 0) lists.set(key, list);
        else lists.delete(key);
        toAll = lists.get(everything) ?? [];
      };
      put([...(lists.get(key) ?? []), entry]);
      return () => put((lists.get(key) ?? []).filter(other => other !== entry));
    },
    deliver(message, topic) {
      run(toAll, message);
      if (topic === undefined || lists.size === 0) return;
      const list = lists.get(topic);
      if (list) run(list, message);
    },
  };
}

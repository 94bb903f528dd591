/** A set of callbacks, called in the order they came. One that throws does not stop the others. */
export interface Listeners<A extends unknown[]> {
  add(callback: (...args: A) => void): () => void;
  emit(...args: A): void;
}

export function createListeners<A extends unknown[]>(onThrow: (cause: unknown) => void): Listeners<A> {
  const callbacks = new Set<(...args: A) => void>();
  return {
    add(callback) {
      // Wrapped, so that the same function added twice is two subscriptions.
      const own = (...args: A) => callback(...args);
      callbacks.add(own);
      return () => void callbacks.delete(own);
    },
    emit(...args) {
      for (const callback of [...callbacks]) {
        try {
          callback(...args);
        } catch (cause) {
          onThrow(cause);
        }
      }
    },
  };
}

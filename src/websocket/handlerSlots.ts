interface Slot {
  handler: object;
  listener(event: Event): void;
}

/** The `on…` attributes of an event target. */
export interface HandlerSlots {
  get(type: string): never;
  /**
   * A handler takes its place among the listeners, the next one inherits it, and null gives it up. What cannot be called
   * is kept and not called.
   *
   * @see https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes
   */
  set(type: string, handler: unknown): void;
}

export function createHandlerSlots(target: EventTarget): HandlerSlots {
  const slots = new Map<string, Slot>();
  return {
    get: type => (slots.get(type)?.handler ?? null) as never,
    set(type, handler) {
      const slot = slots.get(type);
      const isKept = typeof handler === 'function' || (typeof handler === 'object' && handler !== null);
      if (!isKept) {
        if (slot) target.removeEventListener(type, slot.listener);
        slots.delete(type);
      } else if (slot) {
        slot.handler = handler;
      } else {
        const added: Slot = {
          handler,
          listener(event) {
            if (typeof added.handler === 'function') added.handler.call(target, event);
          },
        };
        slots.set(type, added);
        target.addEventListener(type, added.listener);
      }
    },
  };
}

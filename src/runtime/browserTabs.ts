import type { Tabs } from './ports';

/**
 * The tabs of this origin and profile, over BroadcastChannel; null where there is none.
 *
 * @see https://html.spec.whatwg.org/multipage/web-messaging.html#broadcasting-to-other-browsing-contexts
 */
export function browserTabs(): Tabs | null {
  const Channel = globalThis.BroadcastChannel as typeof BroadcastChannel | undefined;
  if (typeof Channel !== 'function') return null;
  return {
    join(name, onMessage) {
      const channel = new Channel(name);
      channel.onmessage = event => onMessage(event.data);
      // In Node a channel keeps the process alive; ours is no reason to.
      (channel as { unref?: () => void }).unref?.();
      return {
        // eslint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
        post: message => channel.postMessage(message),
        leave() {
          channel.onmessage = null;
          channel.close();
        },
      };
    },
  };
}

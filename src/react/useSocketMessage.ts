import type { AuthSocket, OpenEvent } from '../runtime/authSocket';
import { useLatest } from './useLatest';
import { useLayoutEffectInBrowser } from './useLayoutEffectInBrowser';

/** Gives every message to the handler of the last render; never renders. */
export function useMessagesOf<In>(
  socket: AuthSocket<In, never>,
  handler: (message: In) => void,
  topic: string | undefined,
): void {
  const latest = useLatest(handler);
  useLayoutEffectInBrowser(() => {
    const take = (message: In) => latest.current(message);
    return topic === undefined
      ? socket.onMessage(take)
      : socket.onMessage(take as (message: unknown) => void, { topic });
  }, [socket, topic, latest]);
}

/** Runs the handler of the last render on every authenticated link; never renders. */
export function useOpenOf<Out>(
  // eslint-disable-next-line typescript/no-explicit-any -- what is received does not matter here
  socket: AuthSocket<any, Out>,
  handler: (event: OpenEvent<Out>) => void,
): void {
  const latest = useLatest(handler);
  useLayoutEffectInBrowser(() => socket.onOpen(event => latest.current(event)), [socket, latest]);
}

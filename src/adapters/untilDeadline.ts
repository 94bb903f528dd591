import { unavailable, type TokenAnswer } from '../machine/tokenAnswer';

/**
 * What an SDK answers until our deadline; then, and for whatever it throws, "not now" with the cause.
 *
 * An SDK that goes on waiting holds nobody up. What it brings later is in its own cache when it is asked again.
 */
export function untilDeadline(answer: Promise<TokenAnswer>, signal: AbortSignal): Promise<TokenAnswer> {
  return new Promise(resolve => {
    const giveUp = () => resolve(unavailable({ cause: signal.reason }));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    void answer
      .catch((cause: unknown) => unavailable({ cause }))
      .then(value => {
        signal.removeEventListener('abort', giveUp);
        resolve(value);
      });
  });
}

import { createAuthSocket } from '../../../src/core';

/** Longer than the 5 s after which a link counts as stable. */
const stableMs = 5_500;

/**
 * So many clients with a stable link each, all of which the server cuts at once. The answer: how long each took until
 * messages flowed again, in ms, everything by default.
 */
export async function reconnects(clients: number): Promise<number[]> {
  const url = `${location.origin.replace(/^http/, 'ws')}/ws?greet`;
  const sockets = Array.from({ length: clients }, () =>
    createAuthSocket({ url, getToken: () => 'a token that nobody looks into' }),
  );
  const messages = () =>
    Promise.all(
      sockets.map(
        socket =>
          new Promise<number>(resolve => {
            const stop = socket.onMessage(() => {
              stop();
              resolve(performance.now());
            });
          }),
      ),
    );
  const first = messages();
  for (const socket of sockets) socket.connect();
  await first;
  await new Promise(resolve => setTimeout(resolve, stableMs));
  const again = messages();
  const droppedAt = performance.now();
  await fetch('/drop', { method: 'POST' });
  const gaps = (await again).map(at => at - droppedAt);
  for (const socket of sockets) socket.destroy();
  return gaps;
}

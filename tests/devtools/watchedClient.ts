import { createRecorder, type Recorder } from '../../src/devtools/recorder';
import type { Mark, Timeline } from '../../src/devtools/timeline';
import { clientInWorld, type ClientInWorld } from '../scenarios/clientInWorld';

export interface WatchedClient extends ClientInWorld {
  recorder: Recorder;
  /** The picture as it is now. */
  seen(): Timeline;
  /** Nobody looks on any more. */
  lookAway(): void;
  /** How often a picture was drawn. */
  pictures(): number;
  /** The list, oldest first, with counts. */
  lines(): string[];
  /** The lines of what happens meanwhile. */
  linesOf(run: () => Promise<void>): Promise<string[]>;
  marks(kind?: Mark['kind']): string[];
  pass(ms: number): Promise<void>;
}

/** A client in a world of its own, with somebody who looks on. */
export function watchedClient(...args: Parameters<typeof clientInWorld>): WatchedClient {
  const client = clientInWorld(...args);
  const recorder = createRecorder(client.socket);
  let pictures = 0;
  const lookAway = recorder.start(() => (pictures += 1));
  const seen = () => {
    const timeline = recorder.get();
    if (!timeline) throw new Error('Nobody has looked yet.');
    return timeline;
  };
  const lines = () => seen().lines.map(({ text, count }) => (count > 1 ? `${text} (${count} times)` : text));
  return {
    ...client,
    recorder,
    seen,
    lookAway,
    pictures: () => pictures,
    lines,
    async linesOf(run) {
      recorder.clear();
      await run();
      await client.world.clock.advance(0);
      return lines().slice(1);
    },
    marks: kind =>
      seen()
        .marks.filter(mark => kind === undefined || mark.kind === kind)
        .map(({ text }) => text),
    pass: ms => client.world.clock.advance(ms),
    async end() {
      lookAway();
      await client.end();
    },
  };
}

export const seconds = (count: number) => count * 1_000;
export const minutes = (count: number) => count * 60_000;
export const hours = (count: number) => count * 3_600_000;

import type { SocketStatus } from '../machine/snapshot';
import type { AuthSocket } from '../runtime/authSocket';
import { internalsOf } from '../runtime/internals';
import { scrubStatus } from './scrub';
import type { Timeline } from './timeline';
import { look, newTimeline, take, type Moment } from './timelineModel';

/** Watches a client for a panel. */
export interface Recorder {
  /**
   * Begins to watch, afresh each time; the answer ends it. `onPicture` is called at once and then when there is
   * something new to see: at most once a second while nothing happens, and not while paused or in a hidden page.
   */
  start(onPicture: () => void): () => void;
  /** The picture to draw; null before the first start. */
  get(): Timeline | null;
  /** While paused it goes on watching; the picture stays. */
  readonly isPaused: boolean;
  pause(isPaused: boolean): void;
  /** Forgets what was seen and begins anew. */
  clear(): void;
}

/** A picture of five minutes moves by less than two pixels in this time. */
const VISIBLE_TICK_MS = 1_000;
/** Nobody sees the picture: only a sleep has to be noticed. */
const HIDDEN_TICK_MS = 30_000;
/** A gap is what the client itself takes for one: it looks at the clock this often. */
const CLIENT_VISIBLE_WATCH_MS = 2_000;
const CLIENT_HIDDEN_WATCH_MS = 30_000;

// eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
export function createRecorder(socket: AuthSocket<any, any>): Recorder {
  const { clock, page, onTrace } = internalsOf(socket);
  const isVisible = () => page?.isVisible() ?? true;
  let timeline: Timeline | null = null;
  let picture: Timeline | null = null;
  let isPaused = false;
  let draw: () => void = () => {};

  let raw: SocketStatus | null = null;
  let clean: SocketStatus;
  /** The same object until something changed, as the client's own. */
  function status(): SocketStatus {
    const next = socket.getStatus();
    if (next !== raw) clean = scrubStatus(next);
    raw = next;
    return clean;
  }

  const moment = (): Moment => ({
    wallMs: clock.wallMs(),
    elapsedMs: clock.elapsedMs(),
    isVisible: isVisible(),
    withinMs: isVisible() ? CLIENT_VISIBLE_WATCH_MS : CLIENT_HIDDEN_WATCH_MS,
  });

  function show(): void {
    picture = timeline;
    draw();
  }

  function clear(): void {
    // Numbers go on: a mark that was chosen before is none of the new ones.
    timeline = { ...newTimeline(status(), moment()), lastId: timeline?.lastId ?? 0 };
    show();
  }

  return {
    start(onPicture) {
      let isOver = false;
      let isDue = false;
      let cancelTick: () => void = () => {};

      /** Facts come in flocks: one picture for all of them. A promise, since a virtual clock may stand still. */
      function showSoon(): void {
        if (isDue || isPaused || !isVisible()) return;
        isDue = true;
        void Promise.resolve().then(() => {
          isDue = false;
          if (!isOver && !isPaused) show();
        });
      }

      function update(): void {
        if (timeline) timeline = look(timeline, status(), moment());
        showSoon();
      }

      function arm(): void {
        cancelTick();
        cancelTick = clock.setTimer(
          () => {
            update();
            arm();
          },
          isVisible() ? VISIBLE_TICK_MS : HIDDEN_TICK_MS,
        );
      }

      const stops = [
        onTrace(event => {
          if (timeline) timeline = take(timeline, event, status(), moment());
          showSoon();
        }),
        socket.subscribe(update),
        page?.subscribe(signal => {
          if (signal !== 'shown' && signal !== 'hidden') return;
          update();
          arm();
        }),
      ];
      isPaused = false;
      draw = onPicture;
      clear();
      arm();
      return () => {
        isOver = true;
        draw = () => {};
        cancelTick();
        for (const stop of stops) stop?.();
      };
    },
    get: () => picture,
    get isPaused() {
      return isPaused;
    },
    pause(next) {
      isPaused = next;
      if (timeline) timeline = look(timeline, status(), moment());
      if (isPaused) draw();
      else show();
    },
    clear,
  };
}

import type { Effect } from '../machine/effect';
import type { Event } from '../machine/event';
import { isActive } from '../machine/link';
import type { Settings } from '../machine/settings';
import { snapshot, type SocketStatus } from '../machine/snapshot';
import type { State } from '../machine/state';
import { initialState, transition } from '../machine/transition';
import type { PageSignal, Platform } from './ports';
import { traceDeed, type TraceEvent } from './trace';

export interface EnginePorts {
  platform: Platform;
  settings: Settings;
  sessionKey: string | null | undefined;
  run(effect: Effect): void;
  /** Before the timer's event: what only the shell knows to be due. Says whether a frame came since the last ping. */
  onTimer(): boolean;
  onUsed(): void;
  /** The page is about to stand still or to go. */
  onLeaving(): void;
  /** Joins the channel of the siblings, or leaves it. */
  meetSiblings(): void;
  /** There are siblings to listen to. */
  hasSiblings(): boolean;
  /** Listens to the token source; the answer ends it. */
  watchSource(): (() => void) | null;
  /** Follows the session of the client that is the token source, also beyond its end; the answer ends it. */
  followSession(): (() => void) | null;
  /** There are abandoned sockets that a leaving page has to close. */
  hasSinks(): boolean;
  queued(): number;
  onTrace(event: TraceEvent): void;
  onStatus(): void;
}

/** The machine at work: one mailbox, one timer, and listeners only while something is being kept up. */
export interface Engine {
  readonly state: State;
  readonly status: SocketStatus;
  /** Takes in a fact. One that comes while another is being dealt with waits its turn. */
  dispatch(event: Event): void;
  /** Looks at the clock now, if the timer should have run and was held up. */
  catchUp(): void;
  /** Tells of a change that is not the machine's: the length of the queue. */
  publish(cause: string): void;
  pageFacts(): { isVisible: boolean; isOnline: boolean };
}

/** A timer this late was held up; what it would have decided is decided before anything is sent. */
const OVERDUE_MS = 1_000;

export function createEngine(ports: EnginePorts): Engine {
  const { clock, page, random } = ports.platform;
  const now = () => ({ wallMs: clock.wallMs(), elapsedMs: clock.elapsedMs(), random: random() });
  let state = initialState(ports.settings, ports.sessionKey, now());
  let status = snapshot(state, 0, null);
  const events: Event[] = [];
  let isRunning = false;
  let cancelTimer: (() => void) | null = null;
  const keepPage = keeper(() => page?.subscribe(onSignal) ?? null);
  const keepSource = keeper(ports.watchSource);
  const keepSession = keeper(ports.followSession);

  function dispatch(event: Event): void {
    events.push(event);
    if (isRunning) return;
    isRunning = true;
    try {
      for (let next = events.shift(); next; next = events.shift()) {
        const [after, effects] = transition(state, next, now());
        state = after;
        ports.meetSiblings();
        const at = state.last.wallMs;
        if (next.type !== 'time.passed' && next.type !== 'settings.changed') ports.onTrace({ ...next, at });
        for (const effect of effects) {
          const deed = traceDeed(effect, next.type, at);
          if (deed) ports.onTrace(deed);
          ports.run(effect);
        }
        publish(next.type);
      }
    } finally {
      isRunning = false;
    }
    arm();
  }

  function publish(cause: string): void {
    const before = status;
    status = snapshot(state, ports.queued(), before);
    if (status === before) return;
    const at = state.last.wallMs;
    if (status.session !== before.session) {
      ports.onTrace({ type: 'session.changed', at, from: before.session, to: status.session, cause });
    }
    if (status.link !== before.link) {
      ports.onTrace({ type: 'link.changed', at, from: before.link, to: status.link, cause });
    }
    ports.onStatus();
  }

  /** Timer and listeners as the state wants them. */
  function arm(): void {
    cancelTimer?.();
    cancelTimer = state.timerMs === null ? null : clock.setTimer(onTimer, state.timerMs);
    const isKept = isActive(state.link) || state.link.at.name === 'suspended';
    // A page that is gone is listened to for its return.
    keepPage(isKept || state.page.isGone || ports.hasSinks() || ports.hasSiblings());
    keepSource(isKept);
    keepSession(state.link.isWanted);
  }

  function onTimer(): void {
    dispatch({ type: 'time.passed', heard: ports.onTimer(), ...pageFacts() });
  }

  function onSignal(signal: PageSignal): void {
    if (signal === 'used') return ports.onUsed();
    if (signal === 'frozen' || signal === 'left') ports.onLeaving();
    dispatch({ type: 'page.signalled', signal, ...pageFacts() });
  }

  function pageFacts() {
    return { isVisible: page?.isVisible() ?? true, isOnline: page?.isOnline() ?? true };
  }

  return {
    get state() {
      return state;
    },
    get status() {
      return status;
    },
    dispatch,
    publish,
    pageFacts,
    catchUp() {
      const { timerMs, last } = state;
      if (timerMs !== null && clock.elapsedMs() - last.elapsedMs - timerMs > OVERDUE_MS) onTimer();
    },
  };
}

/** Listens while it is wanted. */
function keeper(listen: () => (() => void) | null): (isWanted: boolean) => void {
  let stop: (() => void) | null = null;
  return isWanted => {
    if (isWanted) stop ??= listen();
    else {
      stop?.();
      stop = null;
    }
  };
}

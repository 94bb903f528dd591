import type { Effect } from '../../src/machine/effect';
import type { Event } from '../../src/machine/event';
import { defaultSettings, type Settings } from '../../src/machine/settings';
import type { Moment, State } from '../../src/machine/state';
import { initialState, transition } from '../../src/machine/transition';

export type Transition = typeof transition;

/** What a shell knows of a socket of ours that it still listens to. */
export type Phase = 'preparing' | 'connecting' | 'open' | 'parting';

/** The machine and the little that a shell around it knows. Never changed: a step makes the next one. */
export interface Walk {
  readonly state: State;
  readonly now: Moment;
  readonly steps: number;
  /** Token calls whose promise has not settled; aborted ones may still answer. */
  readonly unanswered: readonly number[];
  /** The call that nobody aborted. */
  readonly underWay: number | null;
  readonly sockets: ReadonlyMap<number, Phase>;
  /** The newest socket that is let go of; what it still says is late. */
  readonly gone: number | null;
}

/** How time goes on before an event: both clocks, or the wall clock alone. */
export interface Pace {
  readonly wallMs: number;
  readonly elapsedMs: number;
}

export const atOnce: Pace = { wallMs: 0, elapsedMs: 0 };

/** Something that a client can be made for. */
export const clients = {
  'token source and url': { settings: defaultSettings, key: undefined },
  'session key': { settings: defaultSettings, key: 'ada' },
  'tabs that share': { settings: { ...defaultSettings, tabs: 'share', takesTurns: true }, key: 'ada' },
  'tabs that signal': { settings: { ...defaultSettings, tabs: 'signal', takesTurns: true }, key: 'ada' },
  'ticket alone': { settings: { ...defaultSettings, hasSource: false }, key: undefined },
  'session alone': { settings: { ...defaultSettings, hasUrl: false }, key: undefined },
} as const satisfies Record<string, { settings: Settings; key: string | undefined }>;

export type ClientName = keyof typeof clients;

export const EPOCH = 1_800_000_000_000;

export function beginWalk(client: ClientName): Walk {
  const { settings, key } = clients[client];
  const now = { wallMs: EPOCH, elapsedMs: 0, random: 0.5 };
  return {
    state: initialState(settings, key, now),
    now,
    steps: 0,
    unanswered: [],
    underWay: null,
    sockets: new Map(),
    gone: null,
  };
}

export interface Step {
  readonly before: Walk;
  readonly event: Event;
  readonly effects: readonly Effect[];
  readonly after: Walk;
}

/** Lets time pass, tells the machine, and follows its commands as a shell would. */
export function takeStep(before: Walk, event: Event, pace: Pace, random: number, by = transition): Step {
  const now = {
    wallMs: before.now.wallMs + pace.wallMs,
    elapsedMs: before.now.elapsedMs + pace.elapsedMs,
    random,
  };
  const [state, effects] = by(before.state, event, now);
  const sockets = new Map(before.sockets);
  let { underWay, unanswered, gone } = before;
  const letGo = (id: number) => {
    if (sockets.delete(id)) gone = id;
  };

  if ('call' in event) {
    unanswered = unanswered.filter(call => call !== event.call);
    if (event.call === underWay) underWay = null;
  }
  switch (event.type) {
    case 'socket.opened':
      if (sockets.has(event.id)) sockets.set(event.id, 'open');
      break;
    case 'socket.closed':
    case 'dial.unavailable':
    case 'dial.rejected':
    case 'dial.denied':
    case 'dial.misconfigured':
      letGo(event.id);
      break;
    default:
  }
  for (const effect of effects) {
    switch (effect.type) {
      case 'call-source':
        underWay = effect.call;
        unanswered = [...unanswered, effect.call];
        break;
      case 'abort-call':
        underWay = null;
        break;
      case 'prepare-dial':
        sockets.set(effect.id, 'preparing');
        break;
      case 'open-socket':
        sockets.set(effect.id, 'connecting');
        break;
      case 'await-close':
        if (sockets.has(effect.id)) sockets.set(effect.id, 'parting');
        break;
      case 'close':
      case 'release':
        letGo(effect.id);
        break;
      default:
    }
  }
  const after = { state, now, steps: before.steps + 1, unanswered, underWay, sockets, gone };
  return { before, event, effects, after };
}

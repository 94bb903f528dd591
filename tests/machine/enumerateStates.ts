import { eventSamples, eventTypes, paceFor, paces, type EventType } from './eventSamples';
import { beginWalk, takeStep, type ClientName, type Walk } from './machineWalk';
import { stateKey } from './stateKey';

/** One step of a way to a state, as choices: they mean the same when random numbers differ. */
export interface Turn {
  readonly type: EventType;
  readonly sample: number;
  readonly pace: string;
}

export interface Reached {
  readonly walk: Walk;
  /** A shortest way from the start. */
  readonly way: readonly Turn[];
}

export interface Enumeration {
  /** By what tells states apart while searching: finer than the table's key. */
  readonly states: ReadonlyMap<string, Reached>;
  /** Pairs of state and event type, as `pairKey` writes them, with a way to each. */
  readonly pairs: ReadonlyMap<string, Reached>;
}

export function pairKey(state: string, type: EventType): string {
  return `${state} < ${type}`;
}

/** The clock matters to few events; these see it in each of its moods. */
const allPaces = Object.keys(paces);
const fewPaces = ['at once', 'as the timer is due', 'after a sleep'];
const pacesOf = (type: EventType) => (type === 'time.passed' ? allPaces : fewPaces);

/** Finer than the table: who is wanted or leaving behaves differently in the same place. */
function searchKey({ state }: Walk): string {
  return `${stateKey(state)} ${state.link.isWanted} ${state.session.leaving !== null}`;
}

/** Every state that a client can come to, by breadth-first search over every sample of every event. */
export function enumerateStates(client: ClientName): Enumeration {
  const first = { walk: beginWalk(client), way: [] };
  const states = new Map<string, Reached>([[searchKey(first.walk), first]]);
  const pairs = new Map<string, Reached>();
  for (const reached of states.values()) {
    const { walk, way } = reached;
    for (const type of eventTypes) {
      for (const [sample, make] of eventSamples[type].entries()) {
        const event = make(walk);
        if (!event) continue;
        const pair = pairKey(stateKey(walk.state), type);
        if (!pairs.has(pair)) pairs.set(pair, reached);
        for (const pace of pacesOf(type)) {
          const { after } = takeStep(walk, event, paceFor(walk, event, paces[pace]!), 0.5);
          const key = searchKey(after);
          if (!states.has(key)) states.set(key, { walk: after, way: [...way, { type, sample, pace }] });
        }
      }
    }
  }
  return { states, pairs };
}

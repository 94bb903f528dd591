import fc from 'fast-check';
import type { Event } from '../../src/machine/event';
import { dialOf, liveOf } from '../../src/machine/link';
import { transition } from '../../src/machine/transition';
import { eventSamples, eventTypes, paceFor, paces } from './eventSamples';
import { createInspector } from './inspector';
import { beginWalk, clients, takeStep, type ClientName, type Transition, type Walk } from './machineWalk';

/** One choice of a random run; what it means depends on where the walk stands. */
export interface Choice {
  /** Below `HELPFUL`: what a kind world would do next. Else: anything. */
  mood: number;
  type: number;
  sample: number;
  pace: number;
  random: number;
}

const HELPFUL = 55;
const MOODS = 100;

export interface Run {
  client: ClientName;
  choices: readonly Choice[];
}

const clientNames = Object.keys(clients) as ClientName[];
const paceNames = Object.keys(paces);

/** Random runs of up to `length` steps; they shrink to fewer and simpler steps. */
export function runs(length: number): fc.Arbitrary<Run> {
  const choice = fc.record({
    mood: fc.nat(MOODS - 1),
    type: fc.nat(eventTypes.length - 1),
    sample: fc.nat(99),
    pace: fc.nat(paceNames.length - 1),
    random: fc.nat(999).map(n => n / 1_000),
  });
  return fc.record({
    client: fc.constantFrom(...clientNames),
    choices: fc.array(choice, { maxLength: length, minLength: 1, size: 'max' }),
  });
}

/** What a kind world would say next: the call answered, the dial let in, else time goes on. */
export function helpfulEvent(walk: Walk): Event | null {
  const { state, underWay, sockets, now } = walk;
  const { wallMs } = now;
  if (underWay !== null) {
    const facts = {
      id: 10 * underWay + 10,
      isBearer: true,
      issuedAt: wallMs,
      expiresAt: wallMs + 900_000,
      expiresInMs: null,
      subject: null,
      isFresh: true,
    };
    return { type: 'token.granted', call: underWay, facts, askedAt: wallMs };
  }
  const { call } = state.session;
  if (call.name === 'calling' && call.stage === 'queueing') {
    return { type: 'turn.granted', turn: state.session.lastCall };
  }
  const dial = dialOf(state.link);
  if (dial && 'id' in dial && sockets.has(dial.id)) {
    const { id } = dial;
    if (dial.name === 'preparing') {
      const traits = {
        hello: true,
        waitsForReady: true,
        refreshes: true,
        pings: true,
        answersPing: true,
        serverPingMs: null,
      };
      return { type: 'dial.prepared', id, traits };
    }
    if (dial.name === 'connecting') return { type: 'socket.opened', id };
    return { type: 'link.ready', id };
  }
  const live = liveOf(state.link);
  if (live?.exchange?.name === 'sent') {
    return { type: 'token.acked', id: live.id, refreshId: live.exchange.refreshId };
  }
  if (state.timerMs === null) return { type: 'link.wanted', isVisible: true, isOnline: true };
  return { type: 'time.passed', heard: true, isVisible: true, isOnline: true };
}

function eventOf(walk: Walk, { mood, type, sample }: Choice): Event | null {
  if (mood < HELPFUL) return helpfulEvent(walk);
  const name = eventTypes[type];
  // An end for good ends the run: rare, so that runs are long.
  if (name === undefined || (name === 'client.destroyed' && sample > 5)) return null;
  const events = eventSamples[name].map(make => make(walk)).filter(event => event !== null);
  return events[sample % Math.max(1, events.length)] ?? null;
}

/** Takes the walk where the choices lead, under the eyes of the inspector. Throws with the promise that was broken. */
export function walkAtRandom({ client, choices }: Run, by: Transition = transition): Walk {
  const inspect = createInspector(by);
  let walk = beginWalk(client);
  const trail: string[] = [];
  for (const choice of choices) {
    const event = eventOf(walk, choice);
    if (!event) continue;
    const name = choice.mood < HELPFUL ? 'as the timer is due' : (paceNames[choice.pace] ?? 'at once');
    const isSoon = choice.mood < HELPFUL && event.type !== 'time.passed';
    const pace = paceFor(walk, event, isSoon ? paces.soon! : paces[name]!);
    const step = takeStep(walk, event, pace, choice.random, by);
    trail.push(`${JSON.stringify(event)} after ${pace.elapsedMs} ms (wall ${pace.wallMs} ms)`);
    try {
      inspect(step);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n  ${trail.join('\n  ')}`, { cause: error });
    }
    walk = step.after;
  }
  return walk;
}

import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/testing/seededRandom';
import { enumerateStates, pairKey, type Enumeration, type Turn } from './enumerateStates';
import { eventSamples, eventTypes, paceFor, paces, type EventType } from './eventSamples';
import { createInspector } from './inspector';
import { beginWalk, clients, takeStep, type ClientName, type Walk } from './machineWalk';
import { transition } from '../../src/machine/transition';
import { stateKey } from './stateKey';

/** What comes after the way to a pair is up to chance, for so many steps. */
const TAIL = 12;
const paceNames = Object.keys(paces);
const seed = Number(process.env.MACHINE_SEED ?? 4);

/** Random runs, each steered to one pair of state and event type and free after that, under the inspector's eyes. */
function walkEverywhere(client: ClientName, { pairs }: Enumeration): Map<string, number> {
  const counts = new Map<string, number>();
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

  function run(way: readonly Turn[], target: EventType, isExact: boolean): void {
    let walk = beginWalk(client);
    const inspect = createInspector(transition);
    const take = (type: EventType, sample: number | null, pace: string, chance: number): void => {
      const makes = eventSamples[type];
      const events = (sample === null ? makes : [makes[sample]!])
        .map(make => make(walk))
        .filter(e => e !== null);
      if (events.length === 0) return;
      const event = pick(events);
      const pair = pairKey(stateKey(walk.state), type);
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
      const step = takeStep(walk, event, paceFor(walk, event, paces[pace]!), chance);
      inspect(step);
      walk = step.after;
    };
    for (const { type, sample, pace } of way) take(type, sample, pace, isExact ? 0.5 : random());
    take(target, null, pick(paceNames), random());
    for (let n = 0; n < TAIL; n++) {
      const types = eventTypes.filter(type => type !== 'client.destroyed' && isPossible(walk, type));
      const seldom = types.filter(type => !counts.has(pairKey(stateKey(walk.state), type)));
      take(pick(seldom.length > 0 ? seldom : types), null, pick(paceNames), random());
    }
  }

  for (const [pair, { way }] of pairs) {
    const target = pair.slice(pair.indexOf(' < ') + 3) as EventType;
    if (!counts.has(pair)) run(way, target, false);
    // Chance led elsewhere; the way as it was found leads there.
    if (!counts.has(pair)) run(way, target, true);
  }
  return counts;
}

function isPossible(walk: Walk, type: EventType): boolean {
  return eventSamples[type].some(make => make(walk) !== null);
}

/** One line per state: how often each event came, in the order of the legend. */
function table(counts: ReadonlyMap<string, number>): string {
  const states = new Map<string, number[]>();
  for (const [pair, count] of counts) {
    const [state = '', type = ''] = pair.split(' < ');
    const row = states.get(state) ?? eventTypes.map(() => 0);
    const column = eventTypes.indexOf(type as EventType);
    row[column] = row[column]! + count;
    states.set(state, row);
  }
  const legend = eventTypes.map((type, n) => `${n + 1} ${type}`).join(', ');
  const lines = [...states]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([state, row]) => {
      return `${state.padEnd(44)}${row.map(count => String(count || '·').padStart(5)).join('')}`;
    });
  const head = `${'state × event'.padEnd(44)}${eventTypes.map((_, n) => String(n + 1).padStart(5)).join('')}`;
  return [`Events: ${legend}`, head, ...lines, ''].join('\n');
}

describe('every pair of a reachable state and an event that can come there', () => {
  const total = new Map<string, number>();
  const found = new Map<string, ReadonlySet<string>>();

  beforeAll(() => {
    for (const client of Object.keys(clients) as ClientName[]) {
      const enumeration = enumerateStates(client);
      found.set(client, new Set(enumeration.pairs.keys()));
      for (const [pair, count] of walkEverywhere(client, enumeration)) {
        total.set(pair, (total.get(pair) ?? 0) + count);
      }
    }
    // The table is the product of this file, so it is written past the console, on which tests are silent.
    process.stdout.write(table(total));
  }, 60_000);

  it.each(Object.keys(clients))('was visited in random runs of a client with %s', client => {
    const missed = [...(found.get(client) ?? [])].filter(pair => !total.has(pair));
    expect(missed).toEqual([]);
  });

  it('is more than a handful, and every event comes in many states', () => {
    const states = new Set([...total.keys()].map(pair => pair.split(' < ')[0]));
    expect(states.size).toBeGreaterThan(250);
    for (const type of eventTypes) {
      expect([...total.keys()].filter(pair => pair.endsWith(` < ${type}`)).length, type).toBeGreaterThan(3);
    }
  });
});

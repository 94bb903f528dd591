import type { GrantFacts, SharedFacts } from '../../src/machine/credential';
import type { Event, LifecycleSignal, Traits } from '../../src/machine/event';
import { dialOf, liveOf } from '../../src/machine/link';
import { usable } from '../../src/machine/session';
import { defaultSettings } from '../../src/machine/settings';
import type { Verdict } from '../../src/machine/verdict';
import type { Pace, Phase, Walk } from './machineWalk';

export type EventType = Event['type'];

/** One way in which an event of a type can look, or null where a shell could not tell it. */
export type Sample = (walk: Walk) => Event | null;

const both = (ms: number): Pace => ({ wallMs: ms, elapsedMs: ms });

/** How time may go on before an event. `dueMs`: until the one timer. */
export const paces: Readonly<Record<string, (dueMs: number) => Pace>> = {
  'at once': () => both(0),
  soon: () => both(40),
  'half-way to the timer': dueMs => both(Math.floor(dueMs / 2)),
  'a second later': () => both(1_000),
  'as the timer is due': dueMs => both(dueMs),
  'a little late': dueMs => both(dueMs + 1_500),
  'after a stall': dueMs => both(dueMs + 20_000),
  'after a sleep': dueMs => ({ wallMs: dueMs + 3_600_000, elapsedMs: dueMs + 5 }),
  'after a short sleep': dueMs => ({ wallMs: dueMs + 60_000, elapsedMs: dueMs + 5 }),
  'after the clock was set back': dueMs => ({ wallMs: dueMs - 3_600_000, elapsedMs: dueMs }),
};

const full: Traits = {
  hello: true,
  waitsForReady: true,
  refreshes: true,
  pings: true,
  answersPing: true,
  serverPingMs: null,
};
const plain: Traits = {
  hello: false,
  waitsForReady: false,
  refreshes: false,
  pings: false,
  answersPing: false,
  serverPingMs: 25_000,
};
const mute: Traits = {
  hello: true,
  waitsForReady: true,
  refreshes: false,
  pings: true,
  answersPing: false,
  serverPingMs: null,
};

const verdicts: readonly Verdict[] = [
  'expired',
  'revoked',
  'forbidden',
  'limit',
  'going-away',
  'protocol',
  'taken-over',
  'ambiguous',
];

/** An event about the token call under way, and one about an aborted call that answers late. */
function aboutCall(make: (call: number, walk: Walk) => Event | null): Sample[] {
  return [
    walk => (walk.underWay === null ? null : make(walk.underWay, walk)),
    walk => {
      const late = walk.unanswered.find(call => call !== walk.underWay);
      return late === undefined ? null : make(late, walk);
    },
  ];
}

/** An event about a dial, about the live link, about a judged one, and about one that is let go of already. */
function aboutSocket(phases: readonly Phase[], make: (id: number, walk: Walk) => Event): Sample[] {
  const told = (idOf: (walk: Walk) => number | null | undefined): Sample => {
    return walk => {
      const id = idOf(walk);
      const phase = walk.sockets.get(id ?? -1);
      return typeof id === 'number' && phase && phases.includes(phase) ? make(id, walk) : null;
    };
  };
  return [
    told(({ state }) => {
      const dial = dialOf(state.link);
      return dial && 'id' in dial ? dial.id : null;
    }),
    told(({ state }) => liveOf(state.link)?.id),
    told(({ sockets }) => [...sockets].find(([, phase]) => phase === 'parting')?.[0]),
    walk => (walk.gone === null ? null : make(walk.gone, walk)),
  ];
}

function grantSamples(make: (walk: Walk, call: number) => Partial<GrantFacts> | null): Sample[] {
  return aboutCall((call, walk) => {
    const more = make(walk, call);
    if (!more) return null;
    const { wallMs } = walk.now;
    const facts: GrantFacts = {
      id: 10 * call + 10,
      isBearer: true,
      issuedAt: wallMs,
      expiresAt: wallMs + 900_000,
      expiresInMs: null,
      subject: null,
      isFresh: false,
      ...more,
    };
    return { type: 'token.granted', call, facts, askedAt: wallMs };
  });
}

/** A token that a sibling hands over. */
function sharedSamples(make: (walk: Walk) => Partial<SharedFacts> | null): Sample[] {
  return [
    walk => {
      const more = make(walk);
      if (!more) return null;
      const expiresAt = walk.now.wallMs + 900_000;
      const facts: SharedFacts = {
        id: 10 * walk.steps + 7,
        expiresAt,
        serverExpiresAt: expiresAt,
        subject: 'ada',
        generation: walk.state.session.generation + 1,
        ...more,
      };
      return { type: 'sibling.shared', facts };
    },
  ];
}

/** A token that the server rendered into the page: before anything else. */
const seeded: Sample = ({ steps, now, state }) => {
  if (steps > 0 || !state.settings.hasSource) return null;
  const life = { issuedAt: now.wallMs, expiresAt: now.wallMs + 60_000, expiresInMs: null };
  const facts: GrantFacts = { id: 1, isBearer: true, subject: 'ada', isFresh: false, ...life };
  return { type: 'token.granted', call: 0, facts, askedAt: now.wallMs };
};

const signals: readonly [LifecycleSignal, boolean, boolean][] = [
  ['shown', true, true],
  ['hidden', false, true],
  ['focused', true, true],
  ['online', true, true],
  ['offline', true, false],
  ['frozen', false, true],
  ['resumed', true, true],
  ['left', false, true],
  ['returned', true, true],
];

const always =
  (event: Event): Sample =>
  () =>
    event;
const seen: readonly Phase[] = ['open', 'parting'];
const anySocket: readonly Phase[] = ['connecting', 'open', 'parting'];

/** Closes as servers, proxies and browsers send them, with what `jsonProtocol` makes of them. */
const closes: readonly [code: number, reason: string, verdict: Verdict, retryAfterMs?: number][] = [
  [1000, '', 'ambiguous'],
  [1001, 'restart', 'going-away'],
  [1006, '', 'ambiguous'],
  [1008, '', 'ambiguous'],
  [1008, 'token_expired', 'expired'],
  [1008, 'kicked', 'revoked'],
  [1008, 'not allowed here', 'forbidden'],
  [1012, '', 'going-away', 20_000],
  [1013, '', 'limit'],
  [1013, 'retry_after=30', 'limit', 30_000],
  [4401, '', 'expired'],
  [4000, '', 'ambiguous'],
  [4002, 'bad frame', 'protocol'],
  [4409, 'another tab', 'taken-over'],
];

/** Several samples of every event that there is. */
export const eventSamples: { readonly [T in EventType]: readonly Sample[] } = {
  'link.wanted': [
    always({ type: 'link.wanted', isVisible: true, isOnline: true }),
    always({ type: 'link.wanted', isVisible: false, isOnline: false }),
  ],
  'link.unwanted': [
    always({ type: 'link.unwanted', isFinal: true }),
    always({ type: 'link.unwanted', isFinal: false }),
  ],
  'link.renewalAsked': [always({ type: 'link.renewalAsked' })],
  'link.restarted': [always({ type: 'link.restarted' })],
  'client.destroyed': [always({ type: 'client.destroyed' })],
  'settings.changed': [
    ({ state }) => ({ type: 'settings.changed', settings: { ...state.settings, heartbeatMs: null } }),
    ({ state }) => {
      const { hasSource, hasUrl } = state.settings;
      return { type: 'settings.changed', settings: { ...defaultSettings, hasSource, hasUrl } };
    },
  ],
  'client.misconfigured': [always({ type: 'client.misconfigured' })],
  'token.wanted': [
    always({ type: 'token.wanted', force: false, minValidityMs: 0 }),
    always({ type: 'token.wanted', force: true, minValidityMs: 0 }),
  ],
  'token.granted': [
    seeded,
    // good, short, opaque, a cookie
    ...grantSamples(() => ({ isFresh: true })),
    ...grantSamples(({ now }) => ({ expiresAt: now.wallMs + 5_000 })),
    ...grantSamples(() => ({ issuedAt: null, expiresAt: null })),
    ...grantSamples(() => ({ isBearer: false, issuedAt: null, expiresAt: null, expiresInMs: 60_000 })),
    // expired, expired although fresh
    ...grantSamples(({ now }) => ({ issuedAt: now.wallMs - 90_000, expiresAt: now.wallMs - 30_000 })),
    ...grantSamples(({ now }) => ({ issuedAt: null, expiresAt: now.wallMs - 30_000, isFresh: true })),
    // Ada's, somebody else's
    ...grantSamples(() => ({ subject: 'ada' })),
    ...grantSamples(() => ({ subject: 'bob' })),
    // the same again, the refused one again
    ...grantSamples(({ state }) => {
      const held = usable(state.session);
      return held && { id: held.id, expiresAt: held.serverExpiresAt, isBearer: held.isBearer };
    }),
    ...grantSamples(({ state: { session } }) =>
      session.refusedId === null ? null : { id: session.refusedId },
    ),
    // the lapsed one again, as fresh as can be, and with a new lifetime
    ...grantSamples(({ now, state: { session } }) => {
      const issuedAt = now.wallMs - 60_000;
      return session.lapsed && { id: session.lapsed.id, issuedAt, expiresAt: now.wallMs, isFresh: true };
    }),
    ...grantSamples(
      ({ state: { session } }) => session.lapsed && { id: session.lapsed.id, expiresInMs: 60_000 },
    ),
  ],
  'token.unavailable': [
    ...aboutCall(call => ({ type: 'token.unavailable', call })),
    ...aboutCall(call => ({ type: 'token.unavailable', call, retryAfterMs: 20_000 })),
  ],
  'token.denied': aboutCall(call => ({ type: 'token.denied', call, reason: '401' })),
  'source.changed': [always({ type: 'source.changed' })],
  'turn.granted': [({ state: { session } }) => ({ type: 'turn.granted', turn: session.lastCall })],
  'turn.denied': [({ state: { session } }) => ({ type: 'turn.denied', turn: session.lastCall })],
  'siblings.absent': [always({ type: 'siblings.absent' })],
  'sibling.asked': [
    ({ state: { session } }) => ({
      type: 'sibling.asked',
      generation: session.generation,
      since: session.startedAt,
    }),
    always({ type: 'sibling.asked', generation: 0, since: 1 }),
  ],
  'sibling.shared': [
    ...sharedSamples(() => ({})),
    ...sharedSamples(() => ({ generation: 0 })),
    ...sharedSamples(() => ({ expiresAt: null, serverExpiresAt: null })),
    ...sharedSamples(({ now }) => ({ expiresAt: now.wallMs + 20_000 })),
    ...sharedSamples(({ now }) => ({ expiresAt: now.wallMs - 1_000 })),
    ...sharedSamples(() => ({ subject: 'bob' })),
    ...sharedSamples(({ state: { session } }) =>
      session.refusedId === null ? null : { id: session.refusedId },
    ),
  ],
  'sibling.renewed': [
    ({ state: { session } }) => ({ type: 'sibling.renewed', generation: session.generation + 1 }),
    always({ type: 'sibling.renewed', generation: 0 }),
  ],
  'sibling.leaving': [({ now }) => ({ type: 'sibling.leaving', at: now.wallMs })],
  'sibling.left': [
    ({ now }) => ({ type: 'sibling.left', reason: 'left', at: now.wallMs }),
    ({ state: { session } }) => ({ type: 'sibling.left', reason: 'left', at: session.startedAt - 1 }),
  ],
  'session.keyChanged': [
    always({ type: 'session.keyChanged', key: 'bob' }),
    always({ type: 'session.keyChanged', key: 'ada' }),
    always({ type: 'session.keyChanged', key: null }),
  ],
  'session.replaced': [always({ type: 'session.replaced' })],
  'session.leaving': [always({ type: 'session.leaving' })],
  'session.left': [
    always({ type: 'session.left', reason: 'left', by: 'this-tab' }),
    always({ type: 'session.left', reason: 'left', by: 'other-tab' }),
  ],
  'session.retried': [always({ type: 'session.retried' })],
  'dial.prepared': [full, plain, mute].flatMap(traits =>
    aboutSocket(['preparing'], id => ({ type: 'dial.prepared', id, traits })),
  ),
  'dial.unavailable': [
    ...aboutSocket(['preparing'], id => ({ type: 'dial.unavailable', id })),
    ...aboutSocket(['preparing'], id => ({ type: 'dial.unavailable', id, retryAfterMs: 20_000 })),
  ],
  'dial.rejected': aboutSocket(['preparing'], id => ({ type: 'dial.rejected', id })),
  'dial.denied': aboutSocket(['preparing'], id => ({ type: 'dial.denied', id, reason: '401' })),
  'dial.misconfigured': aboutSocket(['preparing', 'connecting'], id => ({ type: 'dial.misconfigured', id })),
  'socket.opened': aboutSocket(['connecting'], id => ({ type: 'socket.opened', id })),
  'link.ready': [
    ...aboutSocket(seen, id => ({ type: 'link.ready', id })),
    ...aboutSocket(seen, id => ({ type: 'link.ready', id, expiresInMs: 60_000 })),
  ],
  'token.acked': [
    ...aboutSocket(seen, id => ({ type: 'token.acked', id })),
    ...aboutSocket(seen, (id, { state }) => {
      return { type: 'token.acked', id, refreshId: liveOf(state.link)?.lastRefreshId, expiresInMs: 60_000 };
    }),
  ],
  'token.nacked': verdicts.flatMap(verdict => [
    ...aboutSocket(seen, id => ({ type: 'token.nacked', id, verdict })),
    ...aboutSocket(seen, (id, { state }) => {
      return { type: 'token.nacked', id, refreshId: liveOf(state.link)?.lastRefreshId, verdict };
    }),
  ]),
  'token.expiring': aboutSocket(seen, id => ({ type: 'token.expiring', id })),
  'link.judged': [
    ...verdicts.flatMap(verdict => aboutSocket(seen, id => ({ type: 'link.judged', id, verdict }))),
    ...aboutSocket(seen, id => ({ type: 'link.judged', id, verdict: 'going-away', retryAfterMs: 5_000 })),
    ...aboutSocket(seen, id => ({ type: 'link.judged', id, verdict: 'limit', retryAfterMs: 30_000 })),
  ],
  'socket.closed': closes.flatMap(([code, reason, verdict, retryAfterMs]) =>
    aboutSocket(anySocket, id => ({ type: 'socket.closed', id, code, reason, verdict, retryAfterMs })),
  ),
  'page.signalled': signals.map(([signal, isVisible, isOnline]) =>
    always({ type: 'page.signalled', signal, isVisible, isOnline }),
  ),
  'time.passed': [
    ({ state }) => (state.timerMs === null ? null : timePassed(state.page, false)),
    ({ state }) => (state.timerMs === null ? null : timePassed(state.page, true)),
  ],
};

function timePassed(page: { isVisible: boolean; isOnline: boolean }, heard: boolean): Event {
  return { type: 'time.passed', heard, isVisible: page.isVisible, isOnline: page.isOnline };
}

export const eventTypes = Object.keys(eventSamples) as EventType[];

/** How far the one timer is away; the timer's own event never comes before that. */
export function dueIn({ state, now }: Walk): number {
  if (state.timerMs === null) return 0;
  return Math.max(0, state.last.elapsedMs + state.timerMs - now.elapsedMs);
}

/** A pace that is possible before this event. */
export function paceFor(walk: Walk, event: Event, pace: (dueMs: number) => Pace): Pace {
  const dueMs = dueIn(walk);
  const chosen = pace(dueMs);
  return event.type === 'time.passed' && chosen.elapsedMs < dueMs
    ? { wallMs: dueMs, elapsedMs: dueMs }
    : chosen;
}

import { isDeepStrictEqual } from 'node:util';
import { dialOf, isActive, liveOf } from '../../src/machine/link';
import { hasEnded, usable } from '../../src/machine/session';
import { snapshot, type SocketStatus } from '../../src/machine/snapshot';
import type { State } from '../../src/machine/state';
import type { Event } from '../../src/machine/event';
import type { Step, Transition, Walk } from './machineWalk';

/** At most this many dials, and token calls that brought no newer token, in any minute. */
const BUDGET = 20;
const MINUTE = 60_000;
const MAX_NAMED_MS = 300_000;

/** The longest that the one timer ever sleeps: a hidden page's watch on the wall clock. */
const LONGEST_TIMER_MS = 30_000;

/** Looks at every step of one walk, and throws a sentence as soon as one of the promises is broken. */
export type Inspector = (step: Step) => void;

/**
 * Holds a machine to what it promises. What was refused and who wants to be left alone an inspector keeps in mind by
 * itself, so that a machine that forgets it is found out.
 */
export function createInspector(by: Transition): Inspector {
  const refused = new Set<number>();
  const dials: number[] = [];
  let calls: { call: number; at: number }[] = [];
  let sourceRestsUntil = -Infinity;
  let serverRestsUntil = -Infinity;
  let helloSent: number | null = null;
  let lapsed: number | null = null;
  let ends = 0;
  let hasTurn = false;
  let status: SocketStatus | null = null;

  return step => {
    const { before, event, effects, after } = step;
    const { session: was } = before.state;
    const { session, link } = after.state;
    const { now } = after;
    const held = usable(session);
    const live = liveOf(link);
    const dial = dialOf(link);
    const demand = (isKept: boolean, promise: string) => {
      if (!isKept) throw new Error(promise);
    };

    // What the outside said.
    const judgedToken = 'id' in event ? tokenOf(before, event.id) : null;
    const isRefusal =
      // A second time in a row means "not now".
      (event.type === 'dial.rejected' && !before.state.link.isRejected) ||
      event.type === 'dial.denied' ||
      ('verdict' in event && (event.verdict === 'expired' || event.verdict === 'revoked'));
    if (isRefusal && event.type !== 'token.nacked' && !was.leaving && was.standing.name === 'held') {
      const { id, expiresAt } = was.standing.credential;
      // One that has just come to its end is refused no more.
      const isAlive = expiresAt === null || expiresAt > now.wallMs;
      if (isAlive && id === judgedToken) refused.add(id);
    }
    if (event.type === 'token.unavailable' && event.call === before.underWay && event.retryAfterMs) {
      sourceRestsUntil = now.elapsedMs + Math.min(event.retryAfterMs, MAX_NAMED_MS);
    }
    const isNewUser = session.user !== was.user;
    if (isNewUser) {
      refused.clear();
      lapsed = null;
      ends = 0;
    }
    if (event.type === 'link.restarted') serverRestsUntil = -Infinity;
    if (event.type === 'link.judged' || event.type === 'socket.closed' || event.type === 'dial.unavailable') {
      serverRestsUntil = Math.max(serverRestsUntil, now.elapsedMs + restAsked(before, event));
    }

    // One token call, one dial, no lost socket.
    let underWay = 'call' in event && event.call === before.underWay ? null : before.underWay;
    for (const effect of effects) {
      if (effect.type === 'abort-call') underWay = null;
      if (effect.type === 'call-source') {
        demand(underWay === null, 'at most one token call is in flight');
        demand(after.state.settings.hasSource, 'no token call without a source');
        demand(now.elapsedMs >= sourceRestsUntil, 'the time that the source named is never undercut');
        underWay = effect.call;
        calls.push({ call: effect.call, at: now.elapsedMs });
      }
      if (effect.type === 'prepare-dial') {
        demand(now.elapsedMs >= serverRestsUntil, 'the time that the server named is never undercut');
        dials.push(now.elapsedMs);
      }
    }
    demand(
      session.leaving !== null || isAtSource(session.call) === (underWay !== null),
      'the machine knows whether a token call is in flight',
    );
    for (const [id, phase] of after.sockets) {
      const isKnown = id === live?.id || (dial && 'id' in dial && id === dial.id);
      demand(isKnown || phase === 'parting', 'every socket is the link, the one dial, or let go of');
      // One that was judged before the last one is left to the server's two seconds.
      const isFormer = id <= before.state.link.lastId && before.state.link.parting?.id === id;
      demand(
        !isNewUser || phase === 'parting' || id > before.state.link.lastId,
        'no socket of the former user stays',
      );
      demand(!isNewUser || !isFormer, 'a judged socket of the former user is closed at once');
    }

    // A socket that is still CONNECTING.
    for (const effect of effects) {
      if (
        effect.type === 'close' &&
        before.sockets.get(effect.id) === 'connecting' &&
        event.type !== 'socket.opened'
      ) {
        const former = dialOf(before.state.link);
        const isDue =
          former && 'deadline' in former && former.id === effect.id && now.elapsedMs >= former.deadline.at;
        const isGoing =
          event.type === 'page.signalled' && (event.signal === 'frozen' || event.signal === 'left');
        demand(
          isDue || isGoing,
          'a CONNECTING socket is not closed before its deadline unless the page goes',
        );
      }
      if (effect.type === 'release') {
        const { tokenMs, dialMs, readyMs } = before.state.settings;
        const most = Math.max(tokenMs, dialMs, readyMs);
        demand(
          effect.withinMs >= 0 && effect.withinMs <= most + 1,
          'an abandoned dial is closed by its deadline',
        );
      }
    }

    // What is presented, and when the queue may leave.
    for (const effect of effects) {
      if (effect.type !== 'prepare-dial' && effect.type !== 'send-hello' && effect.type !== 'send-refresh') {
        continue;
      }
      if (effect.type === 'send-hello') helloSent = effect.id;
      demand(!hasEnded(session), 'nothing is presented for nobody');
      if (effect.token === null) continue;
      demand(effect.token === held?.id, 'only the token in hand is presented');
      demand((held?.expiresAt ?? Infinity) > now.wallMs, 'an expired token is never presented');
      demand(!refused.has(effect.token), 'a refused token is never presented again');
    }
    const opened = effects.filter(effect => effect.type === 'announce-link');
    for (const { id, connection } of opened) {
      const former = dialOf(before.state.link);
      const traits = former && 'traits' in former && former.id === id ? former.traits : null;
      const isReady = event.type === 'link.ready' && event.id === id;
      const needsNoWord =
        event.type === 'socket.opened' && event.id === id && traits?.waitsForReady === false;
      demand(isReady || needsNoWord, 'the queue leaves only after authentication');
      const presents = traits?.hello && after.state.settings.hasSource && live?.token !== null;
      demand(!presents || helloSent === id, 'the token goes before the queue');
      demand(connection === before.state.link.connection + 1, 'every ready link is counted once');
    }
    demand(opened.length <= 1, 'one link becomes ready at a time');

    // How a session ends, and what it keeps.
    if (hasEnded(session) && !hasEnded(was)) {
      const isSourcesWord = event.type === 'token.denied' && before.unanswered.includes(event.call);
      const isTicketsWord = event.type === 'dial.denied' && !after.state.settings.hasSource;
      const isUsersWord = event.type === 'session.left' || event.type === 'sibling.left';
      const isNobody = event.type === 'session.keyChanged' && event.key === null;
      demand(
        isSourcesWord || isTicketsWord || isUsersWord || isNobody,
        'a session ends in three ways and no other',
      );
    }
    if (hasEnded(was) && !hasEnded(session)) {
      const isAsked =
        event.type === 'session.retried' ||
        event.type === 'session.keyChanged' ||
        event.type === 'session.replaced';
      demand(isAsked, 'an ended session is left only by retrySession() or another key');
    }
    if (hasEnded(session)) {
      demand(session.call.name !== 'calling', 'nobody is asked after the end');
      demand(!isActive(link), 'nothing is dialled after the end');
    }
    const announced = effects.filter(effect => effect.type === 'announce-end');
    const isAnnounced =
      was.isProven && session.standing.name === 'signed-out' && was.standing.name !== 'signed-out';
    ends += announced.length;
    demand(
      announced.length === (isAnnounced ? 1 : 0) && ends <= 1,
      'the end of a valid session is told once',
    );
    if (isNewUser) {
      const said = new Set(effects.map(effect => effect.type));
      demand(
        said.has('forget-tokens') && said.has('drop-queue') && said.has('forget-user'),
        'nothing of the former user is kept',
      );
    }
    // What was counted on a clock that is set back moves along with it.
    const drift = now.wallMs - before.state.last.wallMs - (now.elapsedMs - before.state.last.elapsedMs);
    const moved = drift <= -2_000 ? drift : 0;
    if (!isNewUser && was.standing.name === 'held') {
      const { credential } = was.standing;
      const isSaid = 'expiresInMs' in event && event.expiresInMs !== undefined;
      if (held) {
        // A newer token may live less long, and the server may say so; a late answer may not.
        const isNewer = 'call' in event && event.call === before.underWay;
        const formerEnd = (credential.expiresAt ?? Infinity) + moved;
        const isShorter = (held.expiresAt ?? Infinity) < formerEnd;
        const wasUnknown = credential.expiresAt === null;
        demand(!isShorter || isNewer || isSaid || wasUnknown, 'the expiry in hand never goes backwards');
      } else if (session.standing.name === 'lapsed') {
        lapsed = credential.id;
        demand(
          isSaid || (credential.expiresAt !== null && credential.expiresAt + moved <= now.wallMs),
          'a token is in use until its true expiry',
        );
      } else if (session.standing.name === 'refused' || session.standing.name === 'rejected') {
        demand(isRefusal, 'only the server refuses a token');
      } else {
        demand(hasEnded(session) || session.standing.name === 'mismatched', 'a token in hand is kept');
      }
    }

    if (event.type === 'token.granted' && event.facts.id === lapsed) {
      const { expiresAt, expiresInMs } = event.facts;
      const isOver = expiresInMs === null && expiresAt !== null && expiresAt <= now.wallMs;
      demand(!isOver || held?.id !== lapsed, 'a token that has lapsed does not come back for another life');
    }

    // The budget of a minute.
    if ('call' in event && session.grantedCall === event.call && was.grantedCall !== event.call) {
      calls = calls.filter(({ call }) => call !== event.call);
    }
    const within = (at: number) => now.elapsedMs - at < MINUTE;
    demand(dials.filter(within).length <= BUDGET, 'at most 20 dials in any minute');
    demand(
      calls.filter(({ at }) => within(at)).length <= BUDGET,
      'at most 20 token calls in vain in any minute',
    );

    // The other tabs.
    for (const effect of effects) {
      if (effect.type === 'request-turn') hasTurn = true;
      if (effect.type === 'end-turn') hasTurn = false;
      if (effect.type === 'share-token')
        demand(effect.id === held?.id, 'only the token in hand is handed over');
    }
    const { call } = session;
    demand(
      (call.name === 'calling' && call.hasTurn) === hasTurn,
      'whoever needs no turn any more gives it back',
    );
    const isDestroyed = link.at.name === 'stopped' && link.at.reason === 'destroyed';
    if (event.type === 'sibling.left' && !hasEnded(was) && !isDestroyed) {
      demand(
        hasEnded(session) === event.at >= was.startedAt + moved,
        'a sign-out is about the session it was said in',
      );
    }
    demand(
      event.type !== 'sibling.shared' || held === null || !refused.has(held.id),
      'a refused token does not come back through a sibling',
    );

    // The one timer, and a way forward.
    const { timerMs } = after.state;
    demand(
      timerMs === null || (timerMs >= 0 && timerMs <= LONGEST_TIMER_MS),
      `the timer is armed for a time that timers know, not for ${timerMs} ms`,
    );
    const needsTimer =
      isActive(link) || session.call.name === 'calling' || session.leaving?.by === 'other-tab';
    demand(needsTimer === (timerMs !== null), 'the timer is armed exactly while something is kept up');
    const isResting = link.at.name === 'stopped' || link.at.name === 'suspended' || isActive(link);
    demand(
      !link.isWanted || hasEnded(session) || session.leaving !== null || isResting,
      'a wanted link is kept up, suspended or stopped for a reason',
    );
    if (isDestroyed) {
      demand(timerMs === null && after.underWay === null, 'a destroyed client has no timer and no call');
      demand(
        [...after.sockets.values()].every(phase => phase === 'parting'),
        'a destroyed client has no socket',
      );
    }

    // What comes from an older generation.
    const isLate =
      ('id' in event && !before.sockets.has(event.id)) ||
      ((event.type === 'token.unavailable' || event.type === 'token.denied') &&
        event.call <= was.formerCall &&
        event.call > 0);
    if (isLate) {
      const { settings } = before.state;
      const [state, made] = by(before.state, { type: 'settings.changed', settings }, now);
      demand(
        isDeepStrictEqual([withoutLastWords(state), made], [withoutLastWords(after.state), effects]),
        'an event of an older generation changes nothing',
      );
    }

    // What the application sees.
    const next = snapshot(after.state, 0, status);
    const keys = Object.keys(next) as (keyof SocketStatus)[];
    const isSame = status !== null && keys.every(key => Object.is(next[key], status?.[key]));
    demand(!isSame || next === status, 'a status in which nothing changed is the same object');
    demand(Object.isFrozen(next), 'a status cannot be written to');
    demand((next.link === 'waiting') === (next.retryAt !== null), 'who waits knows until when');
    demand((next.link === 'stopped') === (next.stopReason !== null), 'who stopped knows why');
    demand((next.session === 'signed-out') === hasEnded(session), 'signed-out means that the session ended');
    status = next;
  };
}

function isAtSource(call: State['session']['call']): boolean {
  return call.name === 'calling' && call.stage === 'source';
}

/** What a late close says may still be shown as the last close; nothing is decided by it. */
function withoutLastWords(state: State): State {
  return { ...state, link: { ...state.link, lastClose: null, parting: null } };
}

/** The token that the server knows a socket by. */
function tokenOf({ state: { link } }: Step['before'], id: number): number | null {
  const live = liveOf(link);
  if (live?.id === id) return live.token;
  const dial = dialOf(link);
  return dial && 'token' in dial && dial.id === id ? dial.token : null;
}

/** How long the server asked us to stay away, in ms; 0 where it said nothing, or nothing about a coming dial. */
function restAsked(
  { state: { link } }: Walk,
  event: Extract<Event, { type: 'link.judged' | 'socket.closed' | 'dial.unavailable' }>,
): number {
  const dial = dialOf(link);
  const isDial = dial !== null && 'id' in dial && dial.id === event.id;
  const isLive = liveOf(link)?.id === event.id;
  // A replacement that is being dialled already goes on.
  const isUnderWay = isLive && dial !== null && 'id' in dial;
  if (
    !(isDial || isLive) ||
    isUnderWay ||
    (event.type === 'dial.unavailable' && dial?.name !== 'preparing')
  ) {
    return 0;
  }
  const least = 'verdict' in event && event.verdict === 'limit' ? 2_000 : 0;
  return Math.min(event.retryAfterMs ?? least, MAX_NAMED_MS);
}

import { isActive, liveOf, phaseOf } from '../machine/link';
import { sameFields } from '../machine/sameFields';
import { hasEnded, usable } from '../machine/session';
import { isAmongSiblings } from '../machine/sibling';
import { jsonProtocol } from '../protocols/jsonProtocol';
import type { SocketProtocol } from '../protocols/protocol';
import type { AuthSocket, OpenEvent } from './authSocket';
import { channelOf } from './channelName';
import { checkOptions, optionChecker } from './checkedOptions';
import { dialUrl, originOf } from './dialUrl';
import { createEngine } from './engine';
import type { Internals } from './internals';
import { createListeners } from './listeners';
import { createMessageRouter } from './messageRouter';
import type { AuthSocketOptions } from './options';
import { createOutgoing } from './outgoing';
import { platformOf } from './platform';
import { createReports } from './reports';
import { runEffect, type EffectParts } from './runEffect';
import { createSessionCommands } from './sessionCommands';
import { sessionView } from './sessionView';
import { sourceReader } from './sharedSource';
import { createSiblings } from './siblings';
import { createSocketPool } from './socketPool';
import { createTokenAccess } from './tokenAccess';
import { createTokenCaller } from './tokenCaller';
import { revisionOf } from './tokenSource';
import { createTokenVault } from './tokenVault';
import { createTokenWaiters } from './tokenWaiters';
import type { TraceEvent } from './trace';
import { createTurns } from './turns';
import { createUserActivity } from './userActivity';

/** Puts the parts together: the engine decides, pool, caller and queue carry out. */
export function createClient<In, Out>(
  given: AuthSocketOptions<In, Out>,
): { socket: AuthSocket<In, Out>; internals: Internals } {
  let options = given;
  checkOptions(given);
  const platform = platformOf(given.platform);
  const check = optionChecker(given, platform);
  let checked = check(given);
  const { clock, page } = platform;
  const defaultProtocol = jsonProtocol<In, Out>();
  const url = dialUrl(() => options, page?.href);
  const audience = given.tokenAudience ?? originOf(given.url, page?.href);
  const activity = createUserActivity(clock);
  const source = sourceReader(() => options.getToken);

  const { tell, onError, onThrow, onMalformed, onInvalidOption } = createReports(() => options);
  const statusListeners = createListeners<[]>(onThrow);
  const openListeners = createListeners<[OpenEvent<Out>]>(onThrow);
  const forgetListeners = createListeners<[]>(onThrow);
  // What one of these throws is not reported: a report may be what it was told of.
  const traceListeners = createListeners<[TraceEvent]>(() => {});
  const router = createMessageRouter(onThrow);
  const vault = createTokenVault();
  const waiters = createTokenWaiters();

  const engine = createEngine({
    platform,
    settings: checked.settings,
    sessionKey: given.sessionKey,
    run: effect => runEffect(effect, parts),
    onTimer() {
      outgoing.prune();
      return pool.takeHeard();
    },
    onUsed: activity.note,
    onLeaving: () => pool.sweep(),
    meetSiblings: () => siblings.join(isAmongSiblings(engine.state) ? channelNow() : null),
    hasSiblings: () => siblings.isJoined,
    watchSource: () => source()?.subscribe?.(() => engine.dispatch({ type: 'source.changed' })) ?? null,
    followSession: () => session.follow(),
    hasSinks: () => pool.hasSinks(),
    queued: () => outgoing.length,
    onTrace: trace,
    onStatus: () => statusListeners.emit(),
  });
  const { dispatch } = engine;
  const caller = createTokenCaller({
    clock,
    vault,
    source,
    previous: () => usable(engine.state.session)?.id ?? engine.state.session.refusedId,
    dispatch,
    onError,
  });
  const pool = createSocketPool({
    platform,
    dispatch,
    redact: vault.redact,
    phaseOf: id => phaseOf(engine.state.link, id),
    deliver: router.deliver,
    onPong: id => trace({ type: 'pong.received', at: clock.wallMs(), id }),
    onMalformed,
    onInvalidOption,
  });
  const outgoing = createOutgoing<Out>({
    elapsedMs: clock.elapsedMs,
    limits: () => checked.queue,
    write(message) {
      const live = liveOf(engine.state.link);
      return ((live && pool.protocolOf(live.id)) ?? newProtocol()).write(message);
    },
    transmit(data) {
      const live = liveOf(engine.state.link);
      return live !== null && pool.send(live.id, data);
    },
    onDropped: drop => tell(options.onDropped, drop),
    onError,
  });
  const siblings = createSiblings({
    tabs: platform.tabs,
    channelName: channelNow,
    vault,
    state: () => engine.state,
    dispatch,
  });
  const turns = createTurns({
    lock: platform.lock,
    clock,
    page,
    lockName: () => channelNow() ?? '',
    dispatch,
  });
  const parts: EffectParts = {
    caller,
    waiters,
    vault,
    pool,
    outgoing,
    siblings,
    turns,
    newProtocol,
    url,
    isIdle: () => activity.takeIdle(options.heartbeat, engine.state.settings.heartbeatMs),
    dispatch,
    onLink: ({ id, connection, gapMs }) => openListeners.emit(openEvent(id, connection, gapMs)),
    onForget: forgetListeners.emit,
    onEnd: ({ reason, by }) => tell(options.onSessionExpired, { reason, by, at: clock.wallMs() }),
    onError,
  };
  const access = createTokenAccess({ engine, clock, vault, waiters, lastCause: () => caller.lastCause });
  const session = createSessionCommands({ engine, clock, source, lastToken: access.last });

  function channelNow(): string | null {
    return channelOf(engine.state, audience);
  }

  function trace(event: TraceEvent): void {
    tell(options.onTrace, event);
    traceListeners.emit(event);
  }

  function newProtocol(): SocketProtocol {
    const { protocol = defaultProtocol } = options;
    return (typeof protocol === 'function' ? protocol() : protocol) as SocketProtocol;
  }

  function openEvent(id: number, connection: number, gapMs: number | null): OpenEvent<Out> {
    return {
      connection,
      gapMs,
      send(message) {
        if (liveOf(engine.state.link)?.id === id) outgoing.send(message, false);
      },
    };
  }

  const socket: AuthSocket<In, Out> = {
    connect() {
      if (isActive(engine.state.link)) return;
      // Before any dial: the client whose session this is may have signed out or changed its user meanwhile.
      session.catchUp();
      dispatch({ type: 'link.wanted', ...engine.pageFacts() });
    },
    disconnect: () => dispatch({ type: 'link.unwanted', isFinal: true }),
    reconnect(reason) {
      session.catchUp();
      dispatch({ type: 'link.renewalAsked', reason });
    },
    destroy() {
      dispatch({ type: 'client.destroyed' });
      pool.closeAll();
      vault.keep([]);
      waiters.settle(Infinity);
      session.endAll();
    },
    signOut: session.signOut,
    retrySession: session.retrySession,
    setSessionKey: session.setSessionKey,
    send(message, { whenClosed = 'queue' } = {}) {
      engine.catchUp();
      const isOver = hasEnded(engine.state.session) || engine.status.stopReason === 'destroyed';
      const outcome = outgoing.send(message, whenClosed === 'queue' && !isOver);
      if (outgoing.length !== engine.status.queued) engine.publish('message.queued');
      return outcome;
    },
    onMessage: (handler: (message: never) => void, { topic }: { topic?: string } = {}) =>
      router.add(handler, topic),
    onOpen(handler) {
      const remove = openListeners.add(handler);
      const live = liveOf(engine.state.link);
      if (live) tell(handler, openEvent(live.id, engine.state.link.connection, null));
      return remove;
    },
    getToken: access.get,
    getStatus: () => engine.status,
    subscribe: statusListeners.add,
  };

  if (given.initialToken) caller.seed(given.initialToken);

  const internals: Internals = {
    firstStatus: engine.status,
    holders: 0,
    cancelLinger: null,
    clock,
    page,
    url,
    lingerMs: () => checked.lingerMs,
    onThrow,
    onForget: forgetListeners.add,
    onTrace: traceListeners.add,
    ...sessionView({ engine, vault }),
    lostAt: () => engine.state.link.lostAt,
    rest: () => dispatch({ type: 'link.unwanted', isFinal: false }),
    configure(next: AuthSocketOptions<In, Out>) {
      try {
        checked = check(next);
      } catch (error) {
        onInvalidOption(error);
        return dispatch({ type: 'client.misconfigured' });
      }
      const former = options;
      options = next;
      const { settings } = checked;
      if (!sameFields(settings, engine.state.settings)) dispatch({ type: 'settings.changed', settings });
      if (typeof next.url !== 'function' && String(former.url) !== String(next.url))
        dispatch({ type: 'link.restarted' });
      const key = next.sessionKey;
      // One that was set by `setSessionKey()` stays where the option is left out all along.
      if (key !== undefined || former.sessionKey !== undefined) dispatch({ type: 'session.keyChanged', key });
      const isNews = revisionOf(former.getToken) !== revisionOf(next.getToken);
      if (isNews && isActive(engine.state.link)) dispatch({ type: 'source.changed' });
    },
  };
  return { socket, internals };
}

import type { Effect } from '../machine/effect';
import { AuthSocketError } from '../machine/errors';
import type { Event } from '../machine/event';
import { dialOf, isActive, liveOf } from '../machine/link';
import { hasEnded, usable } from '../machine/session';
import { snapshot, type SocketStatus } from '../machine/snapshot';
import type { State } from '../machine/state';
import { initialState, transition } from '../machine/transition';
import { jsonProtocol } from '../protocols/jsonProtocol';
import type { SocketProtocol } from '../protocols/protocol';
import { isExposed, parseDialUrl } from './dialUrl';
import { attachInternals } from './internals';
import { createListeners } from './listeners';
import { createMessageRouter } from './messageRouter';
import { checkOptions, type AuthSocketOptions } from './options';
import { createOutgoing } from './outgoing';
import { platformOf } from './platform';
import type { PageSignal } from './ports';
import { createSocketPool } from './socketPool';
import { createTokenCaller } from './tokenCaller';
import { createTokenVault } from './tokenVault';
import { createTokenWaiters } from './tokenWaiters';
import { traceDeed } from './trace';

/** The words that a message of this type can have as its `type`. */
export type Topic<In> = In extends { type: infer T extends string } ? T : never;
/** The messages of one topic; all of them where the type says nothing about it. */
export type ByTopic<In, T> = [Extract<In, { type: T }>] extends [never] ? In : Extract<In, { type: T }>;

/** A link became ready. */
export interface OpenEvent<Out> {
  /** Counts up from 1. */
  connection: number;
  /** How long there was no link, in ms of wall time; 0 after a replacement, null for the first. */
  gapMs: number | null;
  /** Sends on this link, before anything that is queued. */
  send(message: Out): void;
}

/** A session and its link. Does nothing until `connect()`. */
export interface AuthSocket<In = unknown, Out = unknown> {
  /** Idempotent. */
  connect(): void;
  /** Idempotent; closes 1000, keeps the session; `connect()` starts again. */
  disconnect(): void;
  /** Dials now; when open: replaces the link, the new one first. */
  reconnect(reason?: string): void;
  /** Final and immediate; every pending promise settles. */
  destroy(): void;
  /**
   * The user leaves: token dropped, 1000, the other tabs of this key told.
   *
   * `before` gets the last token (your logout call); verdicts meanwhile are ignored; its failure or 5 s do not hold the
   * sign-out.
   */
  signOut(options?: { reason?: string; before?: (token: string | null) => Promise<unknown> }): Promise<void>;
  /** After a sign-out: ask the token source again. */
  retrySession(): void;
  setSessionKey(key: string | null): void;

  /** 'sent' = handed to the socket. Throws 'invalid-message' for what cannot be written. */
  send(message: Out, options?: { whenClosed?: 'queue' | 'drop' }): 'sent' | 'queued' | 'dropped';
  /**
   * Every frame of the current link, once, in order. When a new link is ready the old one's later frames are dropped. A
   * handler that throws is reported to `onError`; the others still run.
   */
  onMessage(handler: (message: In) => void): () => void;
  onMessage<T extends Topic<In> | (string & {})>(
    handler: (message: ByTopic<In, T>) => void,
    options: { topic: T },
  ): () => void;
  /**
   * Runs on every authenticated link, replacements included, before queued messages leave; at once if already open.
   * What it sends goes first.
   */
  onOpen(handler: (event: OpenEvent<Out>) => void): () => void;

  /**
   * Resolves at once with the held token if it lives `minValidityMs` (0) more, else waits for one source call. If that
   * fails and the held token is unexpired and not refused, resolves with it. Rejects with AuthSocketError 'unavailable',
   * 'signed-out', 'destroyed', 'no-token' (cookie sessions), or the signal's reason. Works before `connect()`.
   */
  getToken(options?: {
    minValidityMs?: number;
    forceRefresh?: boolean;
    signal?: AbortSignal;
  }): Promise<string>;
  /** The same object until something changed. */
  getStatus(): SocketStatus;
  subscribe(listener: () => void): () => void;
}

/** The user's own logout call may take this long before the sign-out goes on without it. */
const SIGN_OUT_MS = 5_000;

/** A timer this late was held up; what it would have decided is decided before anything is sent. */
const OVERDUE_MS = 1_000;

/**
 * Makes a client. Does nothing until `connect()`: safe at module scope and on a server.
 *
 * Throws an `AuthSocketError` 'invalid-option' that names the option.
 */
export function createAuthSocket<In = unknown, Out = unknown>(
  given: AuthSocketOptions<In, Out>,
): AuthSocket<In, Out> {
  let options = given;
  const platform = platformOf(given.platform);
  const { clock, page, random } = platform;
  let checked = checkOptions(given, page?.href);
  const defaultProtocol = jsonProtocol<In, Out>();
  const now = () => ({ wallMs: clock.wallMs(), elapsedMs: clock.elapsedMs(), random: random() });

  let state: State = initialState(checked.settings, given.sessionKey, now());
  const events: Event[] = [];
  let isRunning = false;
  let cancelTimer: (() => void) | null = null;
  let leavePage: (() => void) | null = null;
  let leaveSource: (() => void) | null = null;
  let firstOrigin: string | null = null;
  let usedAt = -Infinity;
  const cancelOnDestroy = new Set<() => void>();

  const guard = <A extends unknown[]>(callback: ((...args: A) => void) | undefined, ...args: A) => {
    try {
      callback?.(...args);
    } catch (cause) {
      if (callback !== options.onError && callback !== options.onTrace) onThrow(cause);
    }
  };
  const onError = (error: AuthSocketError) => guard(options.onError, error);
  const onThrow = (cause: unknown) =>
    onError(new AuthSocketError('handler-threw', 'A handler threw; the others ran.', cause));
  const statusListeners = createListeners<[]>(onThrow);
  const openListeners = createListeners<[OpenEvent<Out>]>(onThrow);
  const forgetListeners = createListeners<[]>(onThrow);
  const router = createMessageRouter(onThrow);
  const vault = createTokenVault();
  const waiters = createTokenWaiters();
  const caller = createTokenCaller({
    clock,
    vault,
    source: () => options.getToken,
    previous: () => usable(state.session)?.id ?? state.session.refusedId,
    dispatch,
    onError,
  });
  const pool = createSocketPool({
    platform,
    dispatch,
    redact: vault.redact,
    phaseOf: id =>
      liveOf(state.link)?.id === id
        ? 'open'
        : dialOf(state.link)?.name === 'authenticating'
          ? 'authenticating'
          : 'dialing',
    deliver: router.deliver,
    onMalformed: (why, cause) =>
      onError(new AuthSocketError('malformed-frame', `A frame was dropped: ${why}.`, cause)),
    onMisconfigured: cause =>
      onError(
        cause instanceof AuthSocketError
          ? cause
          : new AuthSocketError(
              'invalid-option',
              'The socket could not be made from url and protocol.',
              cause,
            ),
      ),
  });
  const outgoing = createOutgoing<Out>({
    elapsedMs: clock.elapsedMs,
    limits: () => checked.queue,
    write: message => currentProtocol().write(message),
    transmit(data) {
      const live = liveOf(state.link);
      return live !== null && pool.send(live.id, data);
    },
    onDropped: drop => guard(options.onDropped, drop),
    onError,
  });
  let status = snapshot(state, 0, null);

  function newProtocol(): SocketProtocol<In, Out> {
    const { protocol = defaultProtocol } = options;
    return typeof protocol === 'function' ? protocol() : protocol;
  }

  function currentProtocol(): SocketProtocol<In, Out> {
    const live = liveOf(state.link);
    return ((live && pool.protocolOf(live.id)) as SocketProtocol<In, Out> | null) ?? newProtocol();
  }

  function dialUrl(): URL {
    const { url, allowedOrigins = [], allowInsecure } = options;
    const target = parseDialUrl(typeof url === 'function' ? url() : url, page?.href);
    if (typeof url === 'function') {
      firstOrigin ??= target.origin;
      if (![firstOrigin, ...allowedOrigins].some(origin => origin.replace(/^http/, 'ws') === target.origin)) {
        throw new AuthSocketError('invalid-option', 'url named an origin that is not in allowedOrigins.');
      }
    }
    if (isExposed(target) && !allowInsecure) {
      throw new AuthSocketError(
        'invalid-option',
        'url must be wss: for a host that is not this machine (or allowInsecure).',
      );
    }
    return target;
  }

  function dispatch(event: Event): void {
    events.push(event);
    if (isRunning) return;
    isRunning = true;
    try {
      for (let next = events.shift(); next; next = events.shift()) {
        const [after, effects] = transition(state, next, now());
        const before = status;
        state = after;
        trace(next);
        for (const effect of effects) run(effect, next.type);
        publish(before, next.type);
      }
    } finally {
      isRunning = false;
    }
    settle();
  }

  function trace(event: Event): void {
    if (event.type !== 'time.passed' && event.type !== 'settings.changed') {
      guard(options.onTrace, { ...event, at: state.last.wallMs });
    }
  }

  /** Tells the subscribers, if what they can see has changed. */
  function publish(before: SocketStatus, cause: string): void {
    status = snapshot(state, outgoing.length, before);
    if (status === before) return;
    const at = state.last.wallMs;
    if (status.session !== before.session) {
      guard(options.onTrace, {
        type: 'session.changed',
        at,
        from: before.session,
        to: status.session,
        cause,
      });
    }
    if (status.link !== before.link) {
      guard(options.onTrace, { type: 'link.changed', at, from: before.link, to: status.link, cause });
    }
    statusListeners.emit();
  }

  /** Timer and listeners as the state wants them: none while nothing is being kept up. */
  function settle(): void {
    cancelTimer?.();
    cancelTimer = state.timerMs === null ? null : clock.setTimer(onTimer, state.timerMs);
    const { link } = state;
    const isKept = isActive(link) || link.at.name === 'suspended';
    const source = options.getToken;
    if (isKept || pool.hasSinks()) leavePage ??= page?.subscribe(onSignal) ?? null;
    else {
      leavePage?.();
      leavePage = null;
    }
    if (isKept && typeof source === 'object') {
      leaveSource ??= source.subscribe?.(() => dispatch({ type: 'source.changed' })) ?? null;
    } else if (!isKept) {
      leaveSource?.();
      leaveSource = null;
    }
  }

  function onTimer(): void {
    outgoing.prune();
    dispatch({ type: 'time.passed', heard: pool.takeHeard(), ...pageFacts() });
  }

  function pageFacts() {
    return { isVisible: page?.isVisible() ?? true, isOnline: page?.isOnline() ?? true };
  }

  function onSignal(signal: PageSignal): void {
    if (signal === 'used') usedAt = clock.elapsedMs();
    else {
      if (signal === 'frozen' || signal === 'left') pool.sweep();
      dispatch({ type: 'page.signalled', signal, ...pageFacts() });
    }
  }

  function isIdle(): boolean {
    const { heartbeat } = options;
    if (!heartbeat || heartbeat.keepsSession !== 'while-used') return false;
    return clock.elapsedMs() - usedAt > (state.settings.heartbeatMs ?? 0);
  }

  function run(effect: Effect, cause: string): void {
    traceDeed(effect, cause, state.last.wallMs, event => guard(options.onTrace, event));
    switch (effect.type) {
      case 'call-source':
        return caller.call(effect);
      case 'abort-call':
        return caller.abort();
      case 'settle-callers':
        return waiters.settle(effect.upTo);
      case 'forget-tokens':
        return vault.keep([effect.keep]);
      case 'prepare-dial': {
        const token = vault.grant(effect.token)?.token ?? null;
        return pool.prepare(effect.id, newProtocol() as SocketProtocol<unknown, unknown>, dialUrl, token);
      }
      case 'open-socket':
        return pool.open(effect.id);
      case 'send-hello':
        return transmit(effect.id, protocol => protocol.hello?.(vault.grant(effect.token)?.token ?? ''));
      case 'send-refresh':
        return transmit(effect.id, protocol =>
          protocol.refresh?.(vault.grant(effect.token)?.token ?? '', effect.refreshId),
        );
      case 'send-ping':
        pool.takeHeard();
        return transmit(effect.id, protocol => protocol.ping?.(isIdle()));
      case 'close':
        return pool.close(effect.id);
      case 'release':
        return pool.release(effect.id, effect.withinMs);
      case 'await-close':
        return pool.awaitClose(effect.id, effect.withinMs);
      case 'announce-link': {
        const { id, connection, gapMs } = effect;
        pool.setCurrent(id);
        openListeners.emit(openEvent(id, connection, gapMs));
        return outgoing.flush();
      }
      case 'drop-queue':
        return outgoing.drop(effect.why);
      case 'forget-user':
        return forgetListeners.emit();
      case 'announce-end':
        return guard(options.onSessionExpired, {
          reason: effect.reason,
          by: effect.by,
          at: state.last.wallMs,
        });
      case 'report':
        return onError(new AuthSocketError(effect.code, effect.message));
    }
  }

  function openEvent(id: number, connection: number, gapMs: number | null): OpenEvent<Out> {
    return {
      connection,
      gapMs,
      send(message) {
        if (liveOf(state.link)?.id === id) outgoing.send(message, false);
      },
    };
  }

  type Frames = ReturnType<NonNullable<SocketProtocol['refresh']>> | undefined;

  /** Sends what a protocol makes; one that throws is reported and sends nothing. */
  function transmit(id: number, make: (protocol: SocketProtocol<unknown, unknown>) => Frames): void {
    const protocol = pool.protocolOf(id);
    if (!protocol) return;
    try {
      const frames = make(protocol);
      for (const frame of Array.isArray(frames) ? (frames as string[]) : [frames as string | undefined]) {
        if (frame !== undefined) pool.send(id, frame);
      }
    } catch (cause) {
      onError(
        new AuthSocketError(
          'invalid-message',
          `The protocol "${protocol.name}" could not write a frame.`,
          cause,
        ),
      );
    }
  }

  const fail = (
    code: 'signed-out' | 'unavailable' | 'destroyed' | 'no-token',
    message: string,
    cause?: unknown,
  ) => new AuthSocketError(code, message, cause);

  /** The token in hand if it lives that much longer; throws what `getToken` rejects with if there can be none. */
  function heldToken(minValidityMs: number): string | null {
    if (state.link.at.name === 'stopped' && state.link.at.reason === 'destroyed') {
      throw fail('destroyed', 'The client was destroyed.');
    }
    if (hasEnded(state.session))
      throw fail('signed-out', 'The session has ended; retrySession() asks again.');
    const held = usable(state.session);
    if (!checked.settings.hasSource || held?.isBearer === false) {
      throw fail('no-token', 'The credential of this session is a cookie; there is no token.');
    }
    const lives = held && (held.expiresAt === null || held.expiresAt - clock.wallMs() > minValidityMs);
    return lives ? (vault.grant(held.id)?.token ?? null) : null;
  }

  function answerWaiter(): string {
    const token = heldToken(0);
    if (token === null) throw fail('unavailable', 'No token for now; the session goes on.', caller.lastCause);
    return token;
  }

  const socket: AuthSocket<In, Out> = {
    connect() {
      if (!isActive(state.link)) dispatch({ type: 'link.wanted', ...pageFacts() });
    },
    disconnect: () => dispatch({ type: 'link.unwanted', isFinal: true }),
    reconnect: reason => dispatch({ type: 'link.renewalAsked', reason }),
    destroy() {
      dispatch({ type: 'client.destroyed' });
      vault.keep([]);
      pool.setCurrent(null);
      waiters.settle(Infinity);
      for (const cancel of cancelOnDestroy) cancel();
    },
    async signOut({ reason = 'signed-out', before } = {}) {
      if (hasEnded(state.session)) return;
      const { user } = state.session;
      if (before) {
        dispatch({ type: 'session.leaving' });
        const held = usable(state.session);
        const token = held?.isBearer ? (vault.grant(held.id)?.token ?? null) : null;
        await new Promise<void>(resolve => {
          const end = () => {
            cancel();
            cancelOnDestroy.delete(end);
            resolve();
          };
          const cancel = clock.setTimer(end, SIGN_OUT_MS);
          cancelOnDestroy.add(end);
          // A throw of `before`, now or later, does not hold the sign-out.
          void new Promise(done => done(before(token))).then(end, end);
        });
      }
      if (state.session.user === user) dispatch({ type: 'session.left', reason, by: 'this-tab' });
    },
    retrySession: () => dispatch({ type: 'session.retried' }),
    setSessionKey(key) {
      checkOptions({ sessionKey: key }, undefined);
      dispatch({ type: 'session.keyChanged', key });
    },
    send(message, { whenClosed = 'queue' } = {}) {
      const { timerMs, last } = state;
      if (timerMs !== null && clock.elapsedMs() - last.elapsedMs - timerMs > OVERDUE_MS) onTimer();
      const isOver =
        hasEnded(state.session) || (status.link === 'stopped' && status.stopReason === 'destroyed');
      const outcome = outgoing.send(message, whenClosed === 'queue' && !isOver);
      if (outgoing.length !== status.queued) publish(status, 'message.queued');
      return outcome;
    },
    onMessage: (handler: (message: never) => void, { topic }: { topic?: string } = {}) =>
      router.add(handler, topic),
    onOpen(handler) {
      const remove = openListeners.add(handler);
      const live = liveOf(state.link);
      if (live) guard(handler, openEvent(live.id, state.link.connection, null));
      return remove;
    },
    async getToken({ minValidityMs = 0, forceRefresh = false, signal } = {}) {
      signal?.throwIfAborted();
      const held = forceRefresh ? (heldToken(0), null) : heldToken(minValidityMs);
      if (held !== null) return held;
      const before = state.session.call;
      const joinsNext = forceRefresh && before.name === 'calling' && !before.force;
      dispatch({ type: 'token.wanted', force: forceRefresh, minValidityMs });
      const { call, lastCall } = state.session;
      if (call.name !== 'calling') {
        if (forceRefresh)
          throw fail('unavailable', 'Too many token calls within a minute, or the source named a time.');
        return answerWaiter();
      }
      return waiters.wait(joinsNext ? lastCall + 1 : lastCall, answerWaiter, signal);
    },
    getStatus: () => status,
    subscribe: statusListeners.add,
  };

  if (given.initialToken) caller.seed(given.initialToken);
  const firstStatus = status;

  return attachInternals(socket, {
    firstStatus,
    holders: 0,
    cancelLinger: null,
    onThrow,
    lingerMs: () => checked.lingerMs,
    clock,
    page,
    onForget: forgetListeners.add,
    rest: () => dispatch({ type: 'link.unwanted', isFinal: false }),
    configure(next) {
      try {
        checked = checkOptions(next as AuthSocketOptions<In, Out>, page?.href);
      } catch (error) {
        onError(error as AuthSocketError);
        return dispatch({ type: 'client.misconfigured' });
      }
      const former = options;
      options = { ...(next as AuthSocketOptions<In, Out>), platform: given.platform as never };
      const { settings } = checked;
      const names = Object.keys(settings) as (keyof typeof settings)[];
      if (names.some(name => settings[name] !== state.settings[name]))
        dispatch({ type: 'settings.changed', settings });
      if (String(former.url) !== String(next.url) && typeof next.url !== 'function')
        dispatch({ type: 'link.restarted' });
      if (next.sessionKey !== undefined) dispatch({ type: 'session.keyChanged', key: next.sessionKey });
    },
  });
}

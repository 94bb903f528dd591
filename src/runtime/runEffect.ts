import type { Effect } from '../machine/effect';
import { AuthSocketError } from '../machine/errors';
import type { Event } from '../machine/event';
import type { Outbound, SocketProtocol } from '../protocols/protocol';
import type { Outgoing } from './outgoing';
import type { Siblings } from './siblings';
import type { SocketPool } from './socketPool';
import type { TokenCaller } from './tokenCaller';
import type { TokenVault } from './tokenVault';
import type { TokenWaiters } from './tokenWaiters';
import type { Turns } from './turns';

type EffectOf<K extends Effect['type']> = Extract<Effect, { type: K }>;

/** Who carries out what. */
export interface EffectParts {
  caller: TokenCaller;
  waiters: TokenWaiters;
  vault: TokenVault;
  pool: SocketPool;
  outgoing: Pick<Outgoing<never>, 'flush' | 'drop'>;
  siblings: Siblings;
  turns: Turns;
  newProtocol(): SocketProtocol;
  url(): URL;
  /** The user did nothing for a heartbeat interval, and the server wants to know. */
  isIdle(): boolean;
  dispatch(event: Event): void;
  onLink(effect: EffectOf<'announce-link'>): void;
  onForget(): void;
  onEnd(effect: EffectOf<'announce-end'>): void;
  onError(error: AuthSocketError): void;
}

/** Carries out one command of the machine. Decides nothing. */
export function runEffect(effect: Effect, parts: EffectParts): void {
  const { caller, waiters, vault, pool, outgoing, onError } = parts;
  const tokenOf = (id: number | null) => vault.grant(id)?.token ?? null;
  switch (effect.type) {
    case 'call-source':
      return caller.call(effect);
    case 'abort-call':
      return caller.abort();
    case 'request-turn':
      return parts.turns.request(effect.call);
    case 'end-turn':
      return parts.turns.end();
    case 'ask-siblings':
      return parts.siblings.ask(effect.generation, effect.since);
    case 'share-token':
      return parts.siblings.share(effect.id, effect.generation);
    case 'tell-siblings':
      return parts.siblings.tell(effect.what, effect.reason, effect.at);
    case 'settle-callers':
      return waiters.settle(effect.upTo);
    case 'forget-tokens':
      return vault.keep([effect.keep]);
    case 'prepare-dial':
      return pool.prepare(effect.id, parts.newProtocol, parts.url, tokenOf(effect.token));
    case 'open-socket':
      return pool.open(effect.id);
    case 'send-hello': {
      const { id, token } = effect;
      const hasSpoken = speak(id, parts, protocol => protocol.hello?.(tokenOf(token) ?? ''));
      // Nothing to say, nothing to wait for.
      return hasSpoken ? undefined : parts.dispatch({ type: 'link.ready', id });
    }
    case 'send-refresh': {
      const { id, token, refreshId } = effect;
      const hasSpoken = speak(id, parts, protocol => protocol.refresh?.(tokenOf(token) ?? '', refreshId));
      return hasSpoken ? undefined : parts.dispatch({ type: 'token.acked', id, refreshId });
    }
    case 'send-ping':
      pool.takeHeard();
      speak(effect.id, parts, protocol => protocol.ping?.(parts.isIdle()));
      return;
    case 'close':
      return pool.close(effect.id);
    case 'release':
      return pool.release(effect.id, effect.withinMs);
    case 'await-close':
      return pool.awaitClose(effect.id, effect.withinMs);
    case 'announce-link':
      pool.setCurrent(effect.id);
      parts.onLink(effect);
      return outgoing.flush();
    case 'drop-queue':
      return outgoing.drop(effect.why);
    case 'forget-user':
      return parts.onForget();
    case 'announce-end':
      return parts.onEnd(effect);
    case 'report':
      return onError(new AuthSocketError(effect.code, effect.message));
  }
}

/** Sends what a protocol makes; false: it had nothing to say. One that throws is reported and sends nothing. */
function speak(
  id: number,
  { pool, onError }: EffectParts,
  make: (protocol: SocketProtocol) => Outbound | readonly Outbound[] | null | undefined,
): boolean {
  const protocol = pool.protocolOf(id);
  if (!protocol) return true;
  try {
    const made = make(protocol);
    if (made === null || made === undefined) return false;
    const frames = Array.isArray(made) ? (made as Outbound[]) : [made as Outbound];
    for (const frame of frames) pool.send(id, frame);
    return frames.length > 0;
  } catch (cause) {
    const message = `The protocol "${protocol.name}" could not write a frame.`;
    onError(new AuthSocketError('invalid-message', message, cause));
    return true;
  }
}

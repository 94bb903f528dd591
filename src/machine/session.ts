import { refreshTime, type Credential } from './credential';
import type { Deadline } from './deadline';
import type { TokenReason } from './effect';
import type { EndedBy } from './event';
import type { TabMode } from './settings';
import type { Draft, State } from './state';

/**
 * What is known of who the user is.
 *
 * ```
 * anonymous <-- key null      unknown --> held --> lapsed (true expiry)
 *                                         | ^ \--> refused --> rejected (twice, or the same token again)
 *                                         v |      any of them, by a grant: held
 *      signed-out <-- the source's word, the user's own, a sibling tab's; from any of them
 * ```
 */
export type Standing =
  /** `sessionKey` is null: there is nobody. */
  | { name: 'anonymous' }
  /** Nobody has answered yet. */
  | { name: 'unknown' }
  | { name: 'held'; credential: Credential }
  /** The server refused the token in hand; the source is asked once more. */
  | { name: 'refused' }
  /** The token came to its true end and there is no other yet. */
  | { name: 'lapsed' }
  /** Two tokens refused in a row, or the refused one again: asked rarely, nothing dialled. */
  | { name: 'rejected' }
  /** The source speaks of another user than the key: not asked until one of the two changes. */
  | { name: 'mismatched' }
  /** `at`: epoch ms. */
  | { name: 'signed-out'; reason: string; by: EndedBy; at: number };

/**
 * How far a token call is. Tabs that share a session take turns:
 *
 * ```
 * standing-back (hidden) --> queueing --granted--> asking --> calling the source
 *                              '--denied, or too long--> hesitating --^
 *                                                           '--> yielding --^
 * ```
 * A token from a sibling ends it at any stage.
 */
export type Stage =
  /** A hidden tab lets a visible one go first. */
  | 'standing-back'
  /** Waits for its turn. */
  | 'queueing'
  /** There is no turn to be had: a random moment, so that not all go at once. */
  | 'hesitating'
  /** A sibling was faster: its token gets some time to come. */
  | 'yielding'
  /** Somebody may have a newer token already. */
  | 'asking'
  | 'source';

/** The one token call of this tab. */
export type Call =
  | { name: 'resting' }
  | {
      name: 'calling';
      stage: Stage;
      /** Of the stage. */
      deadline: Deadline;
      reason: TokenReason;
      force: boolean;
      minValidityMs: number;
      /** It holds the turn or waits for it. */
      hasTurn: boolean;
      /** A sibling said that there is a new token; what this call brings is no news to the others. */
      isEcho: boolean;
      /** What to ask for when this call brought nothing new: somebody learned more while it was under way. */
      next: { reason: TokenReason; force: boolean } | null;
    }
  /** Not before `at`, in elapsed ms; `retryAt` is the same in epoch ms. */
  | { name: 'waiting'; at: number; retryAt: number };

/** A sign-out that has begun and is not done: verdicts are ignored, nothing is asked. */
export type Leaving =
  /** `signOut({ before })` of this tab. */
  | { by: 'this-tab' }
  /** A sibling's; if nothing more is heard of it by `until` (elapsed ms), the session goes on. */
  | { by: 'other-tab'; until: number };

export interface Session {
  standing: Standing;
  call: Call;
  key: string | null | undefined;
  subject: string | null;
  /** Had been valid: its end is announced. */
  isProven: boolean;
  leaving: Leaving | null;
  /** The how-manieth token of this session is in hand, counted over all tabs; 0: none so far. */
  generation: number;
  /** When a sibling last set out to replace the token that is in hand here, too; elapsed ms. */
  ledAt: number;
  /** When this session began here, epoch ms: an end that was told before is none of ours. */
  startedAt: number;
  /** Counts the users: whoever comes after a change or a sign-out is another one. */
  user: number;
  /** The number of the newest call. */
  lastCall: number;
  /** Calls up to this one belong to a former user. */
  formerCall: number;
  /** The newest call that brought a token. */
  grantedCall: number;
  grantedAt: number;
  /** Failed calls in a row. */
  failures: number;
  /** Refused tokens in a row. */
  refusals: number;
  refusedId: number | null;
  /** The token that came to its end here. `inJump`: as the wall clock jumped, which may have been put right. */
  lapsed: { id: number; inJump: boolean } | null;
  /** A JWT looked expired on arrival; it was asked for again. */
  isSuspected: boolean;
  /** The source named a time: no call before this elapsed ms. */
  notBefore: number;
  /** Starts of the calls that brought no newer token. */
  calls: readonly number[];
  skewMs: number | null;
}

export function newSession(key: string | null | undefined, startedAt: number): Session {
  return {
    standing: { name: key === null ? 'anonymous' : 'unknown' },
    call: { name: 'resting' },
    key,
    subject: null,
    isProven: false,
    leaving: null,
    generation: 0,
    ledAt: -Infinity,
    startedAt,
    user: 0,
    lastCall: 0,
    formerCall: -1,
    grantedCall: -1,
    grantedAt: -Infinity,
    failures: 0,
    refusals: 0,
    refusedId: null,
    lapsed: null,
    isSuspected: false,
    notBefore: -Infinity,
    calls: [],
    skewMs: null,
  };
}

/** What tabs do for each other: nothing where nobody says whose session it is. */
export function tabMode({ session, settings }: State): TabMode {
  return typeof session.key === 'string' ? settings.tabs : 'separate';
}

/** The credential to present now, or null. */
export function usable({ standing }: Session): Credential | null {
  return standing.name === 'held' ? standing.credential : null;
}

export function hasEnded({ standing }: Session): boolean {
  return standing.name === 'signed-out' || standing.name === 'anonymous';
}

/** May a dial leave now? Not while a call decides about the token. */
export function mayDial({ session, settings }: State): boolean {
  if (hasEnded(session) || session.leaving) return false;
  if (!settings.hasSource) return true;
  return usable(session) !== null && !(session.call.name === 'calling' && session.call.force);
}

export function hold(d: Draft, credential: Credential): void {
  d.state.session.standing = { name: 'held', credential };
}

/** Another token is in hand, by a call of this tab or from a sibling. */
export function receive(
  d: Draft,
  { expiresAt, ...token }: Pick<Credential, 'id' | 'isBearer' | 'expiresAt' | 'serverExpiresAt'>,
): void {
  const { session, settings } = d.state;
  const { wallMs, elapsedMs, random } = d.now;
  const refreshAt = expiresAt && refreshTime(expiresAt, wallMs, settings.refreshLeadMs, random);
  hold(d, { ...token, expiresAt, refreshAt });
  session.isProven = true;
  session.isSuspected = false;
  session.failures = 0;
  session.grantedAt = elapsedMs;
}

/** The server named the life of a token: its word outranks every clock. */
export function extend(d: Draft, id: number | null, expiresInMs: number, fromMs: number): void {
  const { session, settings } = d.state;
  const held = usable(session);
  if (!held || held.id !== id) return;
  const expiresAt = fromMs + expiresInMs;
  if (held.serverExpiresAt !== null) session.skewMs = expiresAt - held.serverExpiresAt;
  hold(d, {
    ...held,
    expiresAt,
    refreshAt: refreshTime(expiresAt, fromMs, settings.refreshLeadMs, d.now.random),
  });
}

/** The server let somebody in: without a token source that is all there is to know. */
export function letIn({ state: { session, settings } }: Draft): void {
  if (settings.hasSource || session.standing.name !== 'unknown') return;
  const credential = { id: 0, isBearer: false, expiresAt: null, refreshAt: null, serverExpiresAt: null };
  session.standing = { name: 'held', credential };
  session.isProven = true;
}

/** The session is over. Said once; what is still under way changes nothing any more. */
export function endSession(d: Draft, reason: string, by: EndedBy): void {
  const { session } = d.state;
  if (hasEnded(session)) return;
  const { isProven } = session;
  d.effects.push({ type: 'drop-queue', why: 'signed-out' });
  dropUser(d);
  const at = d.now.wallMs;
  session.standing = { name: 'signed-out', reason, by, at };
  if (by !== 'other-tab') d.effects.push({ type: 'tell-siblings', what: 'signed-out', reason, at });
  if (isProven) d.effects.push({ type: 'announce-end', reason, by });
}

export function dropUser(d: Draft, keep: number | null = null): void {
  const { session } = d.state;
  if (session.call.name === 'calling') d.effects.push({ type: 'abort-call', call: session.lastCall });
  Object.assign(session, {
    ...newSession(session.key, d.now.wallMs),
    user: session.user + 1,
    lastCall: session.lastCall,
    formerCall: session.lastCall,
    notBefore: session.notBefore,
    calls: session.calls,
    skewMs: session.skewMs,
  });
  d.effects.push(
    { type: 'forget-tokens', keep },
    { type: 'settle-callers', upTo: Infinity },
    { type: 'drop-queue', why: 'user-changed' },
    { type: 'forget-user' },
  );
}

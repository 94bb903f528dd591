import type { GrantFacts, SharedFacts } from './credential';
import type { Settings } from './settings';
import type { Verdict } from './verdict';

/** What the link can do with the protocol it was dialled with. */
export interface Traits {
  readonly hello: boolean;
  readonly waitsForReady: boolean;
  readonly refreshes: boolean;
  readonly pings: boolean;
  readonly answersPing: boolean;
  /** The server speaks at least this often; null: it makes no such promise. */
  readonly serverPingMs: number | null;
}

/** What a page tells about its life, in the terms of the Page Lifecycle. */
export type LifecycleSignal =
  | 'shown'
  | 'hidden'
  | 'focused'
  | 'online'
  | 'offline'
  | 'frozen'
  | 'resumed'
  /** `pagehide`: navigated away, perhaps into the back/forward cache. */
  | 'left'
  /** `pageshow` of a page restored from the back/forward cache. */
  | 'returned';

/** How a session can end. */
export type EndedBy = 'token-source' | 'this-tab' | 'other-tab';

/** A fact that the machine is told. Dials and links share one numbering: a dial that is ready becomes the link. */
export type Event =
  // the application
  /** e.g. `connect()`, a mounted provider. */
  | { type: 'link.wanted'; isVisible: boolean; isOnline: boolean }
  /** e.g. `disconnect()` (final), a disabled or unmounted provider (not final). */
  | { type: 'link.unwanted'; isFinal: boolean }
  /** e.g. `reconnect('new server region')`. */
  | { type: 'link.renewalAsked'; reason?: string | undefined }
  /** e.g. another `url`: the old socket has to go first. */
  | { type: 'link.restarted' }
  | { type: 'client.destroyed' }
  | { type: 'settings.changed'; settings: Settings }
  /** A later render brought an option that cannot work. */
  | { type: 'client.misconfigured' }
  // the session
  /** e.g. `getToken()` found nothing usable in hand. */
  | { type: 'token.wanted'; force: boolean; minValidityMs: number }
  /** e.g. an access token from the refresh endpoint; `call` 0 is the server-rendered one. */
  | { type: 'token.granted'; call: number; facts: GrantFacts; askedAt: number }
  /** e.g. a TypeError of fetch, a 503. */
  | { type: 'token.unavailable'; call: number; retryAfterMs?: number | undefined }
  /** e.g. the refresh endpoint answered 401. */
  | { type: 'token.denied'; call: number; reason: string }
  /** e.g. an SDK finished loading. */
  | { type: 'source.changed' }
  // the other tabs of this session
  /** It is this tab's turn to call the source. */
  | { type: 'turn.granted'; turn: number }
  /** e.g. there is no lock, or it fails. */
  | { type: 'turn.denied'; turn: number }
  /** There is nobody to ask. */
  | { type: 'siblings.absent' }
  /** A sibling wants a token newer than this generation, and to know whether the session ended after `since` (epoch ms). */
  | { type: 'sibling.asked'; generation: number; since: number }
  /** e.g. a sibling refreshed, or answered our question. */
  | { type: 'sibling.shared'; facts: SharedFacts }
  /** e.g. a sibling refreshed and keeps the token for itself. */
  | { type: 'sibling.renewed'; generation: number }
  /** e.g. `signOut({ before })` in a sibling has begun. */
  | { type: 'sibling.leaving'; at: number }
  /** e.g. `signOut()` in a sibling; `at`: when, in epoch ms. */
  | { type: 'sibling.left'; reason: string; at: number }
  | { type: 'session.keyChanged'; key: string | null | undefined }
  /** e.g. the client that is our token source has another user now. */
  | { type: 'session.replaced' }
  /** `signOut({ before })` has begun: what the server says now is about the logout. */
  | { type: 'session.leaving' }
  /** e.g. `signOut()` here or in a sibling tab. */
  | { type: 'session.left'; reason: string; by: EndedBy }
  /** e.g. `retrySession()` on the sign-in screen. */
  | { type: 'session.retried' }
  // a dial and its link
  | { type: 'dial.prepared'; id: number; traits: Traits }
  /** e.g. the ticket endpoint did not answer. */
  | { type: 'dial.unavailable'; id: number; retryAfterMs?: number | undefined }
  /** e.g. the ticket endpoint answered 401. */
  | { type: 'dial.rejected'; id: number }
  /** e.g. the ticket endpoint says that the session is over. */
  | { type: 'dial.denied'; id: number; reason: string }
  /** e.g. the URL function named a foreign origin; the constructor threw. */
  | { type: 'dial.misconfigured'; id: number }
  | { type: 'socket.opened'; id: number }
  | { type: 'link.ready'; id: number; expiresInMs?: number | undefined }
  | { type: 'token.acked'; id: number; refreshId?: number | undefined; expiresInMs?: number | undefined }
  | { type: 'token.nacked'; id: number; refreshId?: number | undefined; verdict: Verdict }
  /** e.g. `auth_expiring_soon`. */
  | { type: 'token.expiring'; id: number }
  /** e.g. a `session_expired` frame. */
  | { type: 'link.judged'; id: number; verdict: Verdict; retryAfterMs?: number | undefined }
  | {
      type: 'socket.closed';
      id: number;
      code: number;
      reason: string;
      verdict: Verdict;
      retryAfterMs?: number | undefined;
    }
  // the page and the clock
  /** e.g. visibilitychange, focus, pageshow, resume, online. */
  | {
      type: 'page.signalled';
      signal: LifecycleSignal;
      isVisible: boolean;
      isOnline: boolean;
    }
  /** The one timer ran. `heard`: a frame came since the last ping left. */
  | { type: 'time.passed'; heard: boolean; isVisible: boolean; isOnline: boolean };

import { randomUUID } from 'node:crypto';
import type { ServerClock } from './serverClock';
import type { ServerSettings } from './serverSettings';
import { countUp, type ServerStats } from './serverStats';
import type { RefreshTicket } from './sessionCookies';
import { unlessAway, type EndReason, type Session, type SessionStore } from './sessionStore';

/** Why a request for a session was turned down; the `error` of the JSON answer. */
export type SessionDenial = 'login_required' | 'invalid_grant' | 'session_expired' | 'session_revoked';

export type SessionLookup = { session: Session } | { denied: SessionDenial };

/** The rules of a session: how it starts, rotates its cookie, stays alive and ends. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #settings: ServerSettings;
  readonly #clock: ServerClock;
  readonly #stats: () => ServerStats;
  readonly #onEnded: (sessionId: string, why: EndReason) => void;
  /** Whose end was told. */
  readonly #ended = new Set<string>();

  constructor(parts: {
    store: SessionStore;
    settings: ServerSettings;
    clock: ServerClock;
    stats: () => ServerStats;
    onEnded: (sessionId: string, why: EndReason) => void;
  }) {
    this.#store = parts.store;
    this.#settings = parts.settings;
    this.#clock = parts.clock;
    this.#stats = parts.stats;
    this.#onEnded = parts.onEnded;
  }

  async start(user: string): Promise<Session> {
    const at = this.#clock.now();
    const session: Session = {
      id: randomUUID(),
      user,
      createdAt: at,
      touchedAt: at,
      generation: 1,
      rotatedAt: at,
      endedBy: null,
    };
    await this.#store.create(session, this.#settings.sessionTtlMs);
    return session;
  }

  /** When the session ends unless something touches it. */
  expiresAt(session: Session): number {
    return (this.#settings.sliding ? session.touchedAt : session.createdAt) + this.#settings.sessionTtlMs;
  }

  /** The session if it lives. One whose time is over is ended here. */
  async find(id: string): Promise<SessionLookup> {
    const session = await this.#store.find(id);
    if (!session) {
      // Whoever asks shows a signature of ours: it was there once, and the store has forgotten it at its age.
      this.#tellEnd(id, 'expired');
      return { denied: 'session_expired' };
    }
    if (session.endedBy === null && this.#clock.now() >= this.expiresAt(session)) {
      await this.end(id, 'expired');
      return { denied: 'session_expired' };
    }
    if (session.endedBy === 'expired') return { denied: 'session_expired' };
    if (session.endedBy !== null) return { denied: 'session_revoked' };
    return { session };
  }

  /** The session of a refresh cookie that is current, or was a moment ago. Spends nothing. */
  async findByCookie(ticket: RefreshTicket): Promise<SessionLookup> {
    const found = await this.find(ticket.sessionId);
    if ('denied' in found) return found;
    const isCurrent = ticket.generation === found.session.generation;
    return isCurrent || this.#isInGrace(ticket, found.session) ? found : { denied: 'invalid_grant' };
  }

  /**
   * Spends a refresh cookie. The answer holds the session with the generation to write into the next cookie.
   *
   * The immediate predecessor works for `refreshGraceMs` after the rotation and leads to the same successor: an answer
   * lost on the way costs nobody the session. Anything older is a replay and ends the whole family.
   */
  async rotate(ticket: RefreshTicket): Promise<SessionLookup> {
    const found = await this.find(ticket.sessionId);
    if ('denied' in found) return found;
    const at = this.#clock.now();
    if (await this.#store.rotate(ticket.sessionId, ticket.generation, at)) {
      return { session: { ...found.session, generation: ticket.generation + 1, rotatedAt: at } };
    }
    const current = await this.#store.find(ticket.sessionId);
    if (current !== null && this.#isInGrace(ticket, current)) {
      this.#stats().graces += 1;
      return { session: current };
    }
    this.#stats().replays += 1;
    if (await this.end(ticket.sessionId, 'replayed')) this.#stats().familiesRevoked += 1;
    return { denied: 'invalid_grant' };
  }

  /** Notes a sign of life. One that finds the store away is lost; the next one counts. */
  async touch(id: string): Promise<void> {
    const { touchThrottleMs: throttleMs, sliding, sessionTtlMs } = this.#settings;
    const rule = { throttleMs, lifeMs: sliding ? sessionTtlMs : null };
    const isNoted = await unlessAway(this.#store.touch(id, this.#clock.now(), rule));
    if (isNoted) this.#stats().touches += 1;
  }

  /** False if it had ended before. */
  async end(id: string, why: EndReason): Promise<boolean> {
    if (!(await this.#store.end(id, why))) return false;
    this.#tellEnd(id, why);
    return true;
  }

  /** Ends all sessions of a user; answers how many were still alive. */
  async endAllOf(user: string, why: EndReason): Promise<number> {
    const ids = await this.#store.idsOfUser(user);
    const ended = await Promise.all(ids.map(id => this.end(id, why)));
    return ended.filter(Boolean).length;
  }

  idsOfUser(user: string): Promise<string[]> {
    return this.#store.idsOfUser(user);
  }

  #isInGrace(ticket: RefreshTicket, session: Session): boolean {
    const isPredecessor = ticket.generation === session.generation - 1;
    return isPredecessor && this.#clock.now() - session.rotatedAt < this.#settings.refreshGraceMs;
  }

  #tellEnd(id: string, why: EndReason): void {
    if (this.#ended.has(id)) return;
    this.#ended.add(id);
    countUp(this.#stats().sessionsEnded, why);
    this.#onEnded(id, why);
  }
}

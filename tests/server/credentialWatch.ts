import type { Holder } from './holder';
import type { ServerContext } from './serverContext';
import { unlessAway } from './sessionStore';
import type { SocketWriter } from './socketWriter';

/** While the store of the sessions is away, it is asked again after this time. */
const RETRY_MS = 1_000;

/** Holds one socket to its token, or to its session: warns before the end of a token, closes at the end of either. */
export class CredentialWatch {
  readonly #context: ServerContext;
  readonly #writer: SocketWriter;
  #holder: Holder | null = null;
  #cancelEnd = () => {};
  #cancelWarning = () => {};

  constructor(context: ServerContext, writer: SocketWriter) {
    this.#context = context;
    this.#writer = writer;
  }

  /** Takes over whoever was checked, in place of the one before. */
  adopt(holder: Holder): void {
    this.#holder = holder;
    this.rearm();
  }

  get holder(): Holder | null {
    return this.#holder;
  }

  /** Looks again after a setting, the clock, the token or the session has changed. */
  rearm(): void {
    this.#cancelEnd();
    this.#cancelWarning();
    const holder = this.#holder;
    if (!holder) return;
    void this.#judge(holder);
    const { clock, settings, timers } = this.#context;
    if (settings.expiringSoonMs <= 0 || !holder.claims) return;
    const inMs = holder.claims.exp * 1000 - settings.expiringSoonMs - clock.now();
    this.#cancelWarning = timers.after(inMs, () => this.warn());
  }

  /** Sends `auth_expiring_soon`; `inS` overrides what is left of the token. A session without one has none to renew. */
  warn(inS?: number): void {
    const claims = this.#holder?.claims;
    if (!claims || !this.#writer.canWrite) return;
    this.#context.stats().expiringSoonSent += 1;
    const expiresIn = inS ?? this.#context.tokens.remainingS(claims);
    this.#writer.send({ type: 'auth_expiring_soon', expires_in: expiresIn });
  }

  stop(): void {
    this.#holder = null;
    this.#cancelEnd();
    this.#cancelWarning();
  }

  async #judge(holder: Holder): Promise<void> {
    const { clock, timers } = this.#context;
    const end = await this.#endOf(holder);
    // Refreshed or closed while the store was asked.
    if (this.#holder !== holder) return;
    if (typeof end === 'string') {
      this.#writer.closeForPolicy(end);
      return;
    }
    this.#cancelEnd();
    this.#cancelEnd = timers.after(end - clock.now(), () => void this.#judge(holder));
  }

  /** When to look again, or why it is over. */
  async #endOf({ session, claims }: Holder): Promise<number | string> {
    const { clock, sessions, tokens } = this.#context;
    const found = await unlessAway(sessions.find(session));
    if (found && 'denied' in found)
      return found.denied === 'session_expired' ? 'session_expired' : 'session_revoked';
    const tokenEnd = claims ? tokens.acceptedUntil(claims) : Infinity;
    if (claims && clock.now() >= tokenEnd) {
      tokens.noteRefusal(claims.jti);
      return 'token_expired';
    }
    return Math.min(tokenEnd, found ? sessions.expiresAt(found.session) : clock.now() + RETRY_MS);
  }
}

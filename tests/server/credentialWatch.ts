import type { AccessClaims } from './accessTokens';
import type { ServerContext } from './serverContext';
import type { SocketWriter } from './socketWriter';

/** Holds one socket to its token: warns before the end, closes at it, and when its session ends. */
export class CredentialWatch {
  readonly #context: ServerContext;
  readonly #writer: SocketWriter;
  #claims: AccessClaims | null = null;
  #cancelEnd = () => {};
  #cancelWarning = () => {};

  constructor(context: ServerContext, writer: SocketWriter) {
    this.#context = context;
    this.#writer = writer;
  }

  /** Takes over a token that was checked, in place of the one before. */
  adopt(claims: AccessClaims): void {
    this.#claims = claims;
    this.rearm();
  }

  get claims(): AccessClaims | null {
    return this.#claims;
  }

  /** Looks again after a setting, the clock, the token or the session has changed. */
  rearm(): void {
    this.#cancelEnd();
    this.#cancelWarning();
    const claims = this.#claims;
    if (!claims) return;
    void this.#judge(claims);
    const { clock, settings, timers } = this.#context;
    if (settings.expiringSoonMs <= 0) return;
    const inMs = claims.exp * 1000 - settings.expiringSoonMs - clock.now();
    this.#cancelWarning = timers.after(inMs, () => this.warn());
  }

  /** Sends `auth_expiring_soon`; `inS` overrides what is left of the token. */
  warn(inS?: number): void {
    if (!this.#claims || !this.#writer.canWrite) return;
    this.#context.stats().expiringSoonSent += 1;
    const expiresIn = inS ?? this.#context.tokens.remainingS(this.#claims);
    this.#writer.send({ type: 'auth_expiring_soon', expires_in: expiresIn });
  }

  stop(): void {
    this.#claims = null;
    this.#cancelEnd();
    this.#cancelWarning();
  }

  async #judge(claims: AccessClaims): Promise<void> {
    const { clock, sessions, timers, tokens } = this.#context;
    const found = await sessions.find(claims.sid);
    // Refreshed or closed while the store was asked.
    if (this.#claims !== claims) return;
    if ('denied' in found) {
      this.#writer.closeForPolicy(found.denied === 'session_expired' ? 'session_expired' : 'session_revoked');
      return;
    }
    const tokenEnd = tokens.acceptedUntil(claims);
    if (clock.now() >= tokenEnd) {
      tokens.noteRefusal(claims.jti);
      this.#writer.closeForPolicy('token_expired');
      return;
    }
    this.#cancelEnd();
    const end = Math.min(tokenEnd, sessions.expiresAt(found.session));
    this.#cancelEnd = timers.after(end - clock.now(), () => void this.#judge(claims));
  }
}

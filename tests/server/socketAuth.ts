import type { AccessClaims } from './accessTokens';
import type { CredentialWatch } from './credentialWatch';
import type { ServerContext } from './serverContext';
import { countUp, type ConnectionRecord } from './serverStats';
import type { SocketWriter } from './socketWriter';

/** 'verifying': the token is being checked or `auth_ok` held back; any frame now is a breach. */
type Phase = 'awaiting-auth' | 'verifying' | 'authenticated';

interface AuthParts {
  context: ServerContext;
  writer: SocketWriter;
  watch: CredentialWatch;
  record: ConnectionRecord;
  onReady: () => void;
}

/** The tokens of one socket: the first one, which opens it, and those that follow in band. */
export class SocketAuth {
  readonly #context: ServerContext;
  readonly #writer: SocketWriter;
  readonly #watch: CredentialWatch;
  readonly #record: ConnectionRecord;
  readonly #onReady: () => void;
  #phase: Phase = 'awaiting-auth';
  #refreshes: Promise<void> = Promise.resolve();
  #cancelTimer: () => void;

  constructor(parts: AuthParts) {
    this.#context = parts.context;
    this.#writer = parts.writer;
    this.#watch = parts.watch;
    this.#record = parts.record;
    this.#onReady = parts.onReady;
    const { settings, timers } = parts.context;
    this.#cancelTimer = timers.after(settings.authDeadlineMs, () =>
      parts.writer.closeForPolicy('auth_timeout'),
    );
  }

  get isAwaited(): boolean {
    return this.#phase === 'awaiting-auth';
  }

  stop(): void {
    this.#cancelTimer();
  }

  /** The first frame's token: `auth_ok`, or `auth_error` and a close. */
  async authenticate(token: unknown): Promise<void> {
    const { faults, stats, timers } = this.#context;
    this.#phase = 'verifying';
    const { claims, error, isOld } = await this.#check(token);
    if (!this.#writer.canWrite) return;
    if (isOld) stats().upgradesWithOldToken += 1;
    const refusal = faults.takeRefusal('refuseAuth');
    if (refusal) countUp(stats().faultsServed, 'socket refuseAuth');
    const code = refusal?.code ?? error ?? (claims ? null : 'token_invalid');
    if (code !== null || claims === null) {
      if (claims) this.#context.tokens.noteRefusal(claims.jti);
      countUp(stats().authErrors, code ?? 'token_invalid');
      this.#writer.send({ type: 'auth_error', code, retryable: false });
      this.#writer.closeForPolicy(code ?? 'token_invalid');
      return;
    }
    this.#cancelTimer();
    if (faults.takeSocket('neverReady')) {
      countUp(stats().faultsServed, 'socket neverReady');
      return;
    }
    const { delayReadyMs } = faults.socket;
    if (delayReadyMs > 0) {
      countUp(stats().faultsServed, 'socket delayReadyMs');
      this.#cancelTimer = timers.after(delayReadyMs, () => this.#becomeReady(claims));
    } else this.#becomeReady(claims);
  }

  /** A token that comes in band: acknowledged or refused under its id. Several are judged in the order they came. */
  refresh(id: unknown, token: unknown): Promise<void> {
    this.#refreshes = this.#refreshes.then(() => this.#refreshNext(id, token));
    return this.#refreshes;
  }

  async #refreshNext(id: unknown, token: unknown): Promise<void> {
    const { faults, stats, timers } = this.#context;
    stats().refreshFrames.received += 1;
    const { claims, error } = await this.#check(token);
    const current = this.#watch.claims;
    if (!current || !this.#writer.canWrite) return;
    const refusal = faults.takeRefusal('refuseRefresh');
    if (refusal) {
      countUp(stats().faultsServed, 'socket refuseRefresh');
      if (claims && !refusal.retryable) this.#context.tokens.noteRefusal(claims.jti);
      this.#refuse(id, refusal.code, refusal.retryable);
      return;
    }
    if (claims && claims.sub !== current.sub) {
      this.#refuse(id, 'subject_mismatch', false);
      this.#writer.closeForPolicy('subject_mismatch');
      return;
    }
    if (error !== null || claims === null) {
      this.#refuse(id, error ?? 'token_invalid', false);
      return;
    }
    this.#record.session = claims.sid;
    this.#watch.adopt(claims);
    if (faults.takeSocket('dropAcks')) {
      countUp(stats().faultsServed, 'socket dropAcks');
      stats().refreshFrames.droppedAcks += 1;
      return;
    }
    const { delayAcksMs } = faults.socket;
    if (delayAcksMs > 0) {
      countUp(stats().faultsServed, 'socket delayAcksMs');
      timers.after(delayAcksMs, () => this.#acknowledge(id, claims));
    } else this.#acknowledge(id, claims);
  }

  #becomeReady(claims: AccessClaims): void {
    if (!this.#writer.canWrite) return;
    this.#phase = 'authenticated';
    this.#record.authenticatedAt = Date.now();
    this.#record.user = claims.sub;
    this.#record.session = claims.sid;
    this.#context.stats().authOk += 1;
    this.#sendOk(undefined, claims);
    this.#watch.adopt(claims);
    if (this.#context.faults.socket.warnAfterReady) this.#watch.warn();
    this.#onReady();
  }

  #acknowledge(id: unknown, claims: AccessClaims): void {
    if (!this.#writer.canWrite) return;
    this.#context.stats().refreshFrames.acked += 1;
    this.#sendOk(id, claims);
    if (this.#context.faults.socket.warnAfterReady) this.#watch.warn();
  }

  #sendOk(id: unknown, claims: AccessClaims): void {
    const { faults, tokens } = this.#context;
    const expiresIn = faults.socket.expiresInS ?? tokens.remainingS(claims);
    this.#writer.send({ type: 'auth_ok', id, expires_in: expiresIn });
  }

  #refuse(id: unknown, code: string, retryable: boolean): void {
    const stats = this.#context.stats();
    stats.refreshFrames.refused += 1;
    countUp(stats.authErrors, code);
    this.#writer.send({ type: 'auth_error', id, code, retryable });
  }

  /** Judges a token and the session behind it. */
  async #check(
    token: unknown,
  ): Promise<{ claims: AccessClaims | null; error: string | null; isOld: boolean }> {
    const { sessions, tokens } = this.#context;
    const check = await tokens.check(token);
    if (check.error !== null) {
      const isOld = check.error !== 'token_invalid' || check.wasRefusedBefore;
      return { claims: check.claims, error: check.error, isOld };
    }
    const found = await sessions.find(check.claims.sid);
    const error = 'denied' in found ? found.denied : null;
    return { claims: check.claims, error, isOld: check.wasRefusedBefore };
  }
}

import type { CredentialWatch } from './credentialWatch';
import type { Holder } from './holder';
import type { ServerContext } from './serverContext';
import { countUp, type ConnectionRecord } from './serverStats';
import { unlessAway } from './sessionStore';
import type { SocketWriter } from './socketWriter';
import { judgeToken } from './tokenVerdict';
import type { Admission } from './upgradeAuth';

/** 'verifying': the token is being checked or `auth_ok` held back; any frame now is a breach. */
type Phase = 'awaiting-auth' | 'verifying' | 'authenticated';

interface AuthParts {
  context: ServerContext;
  writer: SocketWriter;
  watch: CredentialWatch;
  record: ConnectionRecord;
  onReady: () => void;
}

/** The credentials of one socket: the first one, which opens it, and those that follow in band. */
export class SocketAuth {
  readonly #context: ServerContext;
  readonly #writer: SocketWriter;
  readonly #watch: CredentialWatch;
  readonly #record: ConnectionRecord;
  readonly #onReady: () => void;
  #phase: Phase = 'verifying';
  #refreshes: Promise<void> = Promise.resolve();
  #cancelTimer = () => {};

  constructor(parts: AuthParts) {
    this.#context = parts.context;
    this.#writer = parts.writer;
    this.#watch = parts.watch;
    this.#record = parts.record;
    this.#onReady = parts.onReady;
  }

  get isAwaited(): boolean {
    return this.#phase === 'awaiting-auth';
  }

  /** Does what the handshake has earned. */
  begin(admission: Admission): void {
    const { settings, timers } = this.#context;
    switch (admission.kind) {
      case 'refused':
        this.#writer.closeForPolicy(admission.code);
        return;
      case 'admitted':
        this.#letIn(admission.holder, settings.readyFrame);
        return;
      case 'awaited':
        this.#phase = 'awaiting-auth';
        this.#cancelTimer = timers.after(settings.authDeadlineMs, () =>
          this.#writer.closeForPolicy('auth_timeout'),
        );
    }
  }

  stop(): void {
    this.#cancelTimer();
  }

  /** The first frame's token: `auth_ok`, or `auth_error` and a close. */
  async authenticate(token: unknown): Promise<void> {
    const { faults, stats, tokens } = this.#context;
    this.#phase = 'verifying';
    const verdict = await unlessAway(judgeToken(this.#context, token));
    if (!this.#writer.canWrite) return;
    if (verdict === null) {
      // Nobody knows: the client is to come back later, with the same token.
      this.#writer.close(1013);
      return;
    }
    const { holder, error, isOld } = verdict;
    if (isOld) stats().upgradesWithOldToken += 1;
    const refusal = faults.takeRefusal('refuseAuth');
    if (refusal) countUp(stats().faultsServed, 'socket refuseAuth');
    const code = refusal?.code ?? error ?? (holder ? null : 'token_invalid');
    if (code !== null || holder === null) {
      if (holder?.claims) tokens.noteRefusal(holder.claims.jti);
      countUp(stats().authErrors, code ?? 'token_invalid');
      this.#writer.send({ type: 'auth_error', code, retryable: false });
      this.#writer.closeForPolicy(code ?? 'token_invalid');
      return;
    }
    this.#cancelTimer();
    this.#letIn(holder, true);
  }

  /** A token that comes in band: acknowledged or refused under its id. Several are judged in the order they came. */
  refresh(id: unknown, token: unknown): Promise<void> {
    this.#refreshes = this.#refreshes.then(() => this.#refreshNext(id, token));
    return this.#refreshes;
  }

  async #refreshNext(id: unknown, token: unknown): Promise<void> {
    const { faults, stats, timers, tokens } = this.#context;
    stats().refreshFrames.received += 1;
    const verdict = await unlessAway(judgeToken(this.#context, token));
    const current = this.#watch.holder;
    if (!current || !this.#writer.canWrite) return;
    if (verdict === null) return this.#refuse(id, 'unavailable', true);
    const { holder, error } = verdict;
    const refusal = faults.takeRefusal('refuseRefresh');
    if (refusal) {
      countUp(stats().faultsServed, 'socket refuseRefresh');
      if (holder?.claims && !refusal.retryable) tokens.noteRefusal(holder.claims.jti);
      this.#refuse(id, refusal.code, refusal.retryable);
      return;
    }
    if (holder && holder.user !== current.user) {
      this.#refuse(id, 'subject_mismatch', false);
      this.#writer.closeForPolicy('subject_mismatch');
      return;
    }
    if (error !== null || holder === null) {
      this.#refuse(id, error ?? 'token_invalid', false);
      return;
    }
    // A socket that lives on its session has no token to replace.
    if (current.claims) this.#adopt(holder);
    if (faults.takeSocket('dropAcks')) {
      countUp(stats().faultsServed, 'socket dropAcks');
      stats().refreshFrames.droppedAcks += 1;
      return;
    }
    const { delayAcksMs } = faults.socket;
    if (delayAcksMs > 0) {
      countUp(stats().faultsServed, 'socket delayAcksMs');
      timers.after(delayAcksMs, () => this.#acknowledge(id, holder));
    } else this.#acknowledge(id, holder);
  }

  #letIn(holder: Holder, saysReady: boolean): void {
    const { faults, stats, timers } = this.#context;
    if (faults.takeSocket('neverReady')) {
      countUp(stats().faultsServed, 'socket neverReady');
      return;
    }
    const { delayReadyMs } = faults.socket;
    if (delayReadyMs > 0) {
      countUp(stats().faultsServed, 'socket delayReadyMs');
      this.#cancelTimer = timers.after(delayReadyMs, () => this.#becomeReady(holder, saysReady));
    } else this.#becomeReady(holder, saysReady);
  }

  #becomeReady(holder: Holder, saysReady: boolean): void {
    if (!this.#writer.canWrite) return;
    this.#phase = 'authenticated';
    this.#record.authenticatedAt = Date.now();
    this.#context.stats().authOk += 1;
    if (saysReady) this.#sendOk(undefined, holder);
    this.#adopt(holder);
    if (this.#context.faults.socket.warnAfterReady) this.#watch.warn();
    this.#onReady();
  }

  #adopt(holder: Holder): void {
    this.#record.user = holder.user;
    this.#record.session = holder.session;
    this.#watch.adopt(holder);
  }

  #acknowledge(id: unknown, holder: Holder): void {
    if (!this.#writer.canWrite) return;
    this.#context.stats().refreshFrames.acked += 1;
    this.#sendOk(id, holder);
    if (this.#context.faults.socket.warnAfterReady) this.#watch.warn();
  }

  #sendOk(id: unknown, { claims }: Holder): void {
    const { faults, tokens } = this.#context;
    const expiresIn = faults.socket.expiresInS ?? (claims ? tokens.remainingS(claims) : undefined);
    this.#writer.send({ type: 'auth_ok', id, expires_in: expiresIn });
  }

  #refuse(id: unknown, code: string, retryable: boolean): void {
    const stats = this.#context.stats();
    stats.refreshFrames.refused += 1;
    countUp(stats.authErrors, code);
    this.#writer.send({ type: 'auth_error', id, code, retryable });
  }
}

import { AuthSocketError, isAuthSocketError } from '../machine/errors';
import type { SignedOut } from '../machine/tokenAnswer';
import type { Verdict } from '../machine/verdict';
import { closeTable } from '../protocols/closeTable';
import type { SocketProtocol } from '../protocols/protocol';
import type { AuthSocket } from '../runtime/authSocket';
import { checkOptions } from '../runtime/checkedOptions';
import { readDialAnswer } from '../runtime/dialAnswer';
import { internalsOf } from '../runtime/internals';
import { platformOf } from '../runtime/platform';
import type { Platform } from '../runtime/ports';
import { presentedToken, type PresentedEnd } from '../runtime/presentedToken';
import { refuseTokenIn } from '../runtime/urlSecrets';
import type { AuthWebSocketOptions } from './options';
import { ownSession } from './ownSession';
import { withDeadline } from './withDeadline';

/** Where to dial, and what is presented there. */
export interface LentDial {
  url: URL;
  protocols: readonly string[];
  token: string | null;
}

/** A socket that lives by the session. */
export interface Borrower {
  /** The session is over. */
  close(code: 1000): void;
  /** The session is somebody else's now: gone at once, and the library dials anew. */
  abandon(): void;
}

/** Lends one session to every socket of a bound constructor. */
export interface Lender {
  readonly session: AuthSocket;
  readonly platform: Platform;
  readonly dialMs: number;
  readonly allowInsecure: boolean;
  /** A fresh credential for one dial. Rejects where there is none. */
  dial(target: string, signal: AbortSignal): Promise<LentDial>;
  /** The socket needs the session until the answer is called. */
  hold(borrower: Borrower): () => void;
  learn(end: Omit<PresentedEnd, 'verdict'> & { reason: string }): void;
  report(cause: unknown): void;
}

export function createLender(options: AuthWebSocketOptions): Lender {
  const { carrier, getToken, close = closeTable({ 4401: 'expired', 4403: 'revoked' }), onError } = options;
  const { settings } = checkOptions(options);
  if (typeof close !== 'function') throw invalid('close must be a function');
  if (carrier === undefined ? getToken === undefined : carrier.hello !== undefined)
    throw invalid(
      carrier ? 'the first message is for the library to send' : 'getToken or carrier must be given',
    );
  const platform = platformOf(options.platform);
  const { clock } = platform;
  const shared = typeof getToken === 'object' && 'getStatus' in getToken ? getToken : null;
  const { session, deny } = shared ? { session: shared as AuthSocket, deny: null } : ownSession(options);
  const presented = presentedToken(session);
  const borrowers = new Set<Borrower>();
  let leave: (() => void) | null = null;

  function report(cause: unknown): void {
    if (!isAuthSocketError(cause) || cause.code !== 'invalid-option') return;
    try {
      onError?.(cause);
    } catch {
      // The reporting itself failed; there is nobody left to tell.
    }
  }

  function isOver(): boolean {
    const status = session.getStatus();
    return status.session === 'signed-out' || status.stopReason === 'destroyed';
  }

  function watch(): () => void {
    const unsubscribe = session.subscribe(() => {
      if (isOver()) for (const borrower of borrowers) borrower.close(1000);
    });
    // Told before the status is: whether somebody else follows, or nobody, is known a moment later.
    const forgive = internalsOf(session).onForget(() =>
      queueMicrotask(() => {
        if (!isOver()) for (const borrower of borrowers) borrower.abandon();
      }),
    );
    if (!shared) session.connect();
    return () => {
      unsubscribe();
      forgive();
      if (!shared) session.disconnect();
    };
  }

  return {
    session,
    platform,
    dialMs: settings.dialMs,
    allowInsecure: options.allowInsecure === true,
    report,
    async dial(target, signal) {
      for (let isLast = false; ; isLast = true) {
        const token = await withDeadline(clock, settings.tokenMs, signal, presented.get);
        const url = new URL(target);
        refuseTokenIn(url, token);
        if (!carrier?.prepare) return { url, protocols: [], token };
        const askedAt = clock.wallMs();
        const { prepare } = carrier;
        const answer: unknown = await withDeadline(clock, settings.tokenMs, signal, inner =>
          prepare({ url, token, signal: inner }),
        );
        const { type } = readDialAnswer(0, carrier as SocketProtocol, answer, clock.wallMs() - askedAt);
        if (type === 'dial.prepared') {
          const dial = answer as { url: URL; protocols?: string[] };
          refuseTokenIn(dial.url, token);
          return { url: dial.url, protocols: dial.protocols ?? [], token };
        }
        // The endpoint refused: the token source is asked, and then the endpoint once more.
        if (token === null && type === 'dial.denied' && isLast) deny?.(answer as SignedOut);
        if (type === 'dial.unavailable' || isLast)
          throw new AuthSocketError('unavailable', 'No ticket for now.');
        presented.refuse(token);
      }
    },
    hold(borrower) {
      borrowers.add(borrower);
      leave ??= watch();
      return () => {
        borrowers.delete(borrower);
        if (borrowers.size > 0) return;
        leave?.();
        leave = null;
      };
    },
    learn({ reason, ...end }) {
      const phase = end.openMs === null ? 'dialing' : 'open';
      let verdict: Verdict = 'ambiguous';
      try {
        const judgement = close({ code: end.code, reason, phase, lastVerdict: null });
        verdict = typeof judgement === 'string' ? judgement : judgement.verdict;
      } catch (cause) {
        report(invalid('close threw', cause));
      }
      presented.learn({ ...end, verdict });
    },
  };
}

function invalid(what: string, cause?: unknown): AuthSocketError {
  return new AuthSocketError('invalid-option', `authWebSocket: ${what}.`, cause);
}

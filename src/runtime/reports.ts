import { AuthSocketError, isAuthSocketError } from '../machine/errors';

/** The callbacks that only report: what they throw themselves has nobody left to go to. */
interface ReportOptions {
  onError?: (error: AuthSocketError) => void;
  onTrace?: (event: never) => void;
}

/** Calls into the application. Nothing that it throws comes back. */
export interface Reports {
  /** Calls one of its callbacks; what that throws is reported, unless the reporting itself threw. */
  tell<A>(callback: ((fact: A) => void) | undefined, fact: A): void;
  onError(error: AuthSocketError): void;
  /** A handler threw. */
  onThrow(cause: unknown): void;
  /** A frame cannot be read. */
  onMalformed(why: string, cause?: unknown): void;
  /** A dial can never work. */
  onInvalidOption(cause: unknown): void;
}

/** `options` are asked with every call: a later render may bring other callbacks. */
export function createReports(options: () => ReportOptions): Reports {
  const tell: Reports['tell'] = (callback, fact) => {
    try {
      callback?.(fact);
    } catch (cause) {
      const { onError, onTrace } = options();
      if ((callback as unknown) !== onError && (callback as unknown) !== onTrace) onThrow(cause);
    }
  };
  const onError = (error: AuthSocketError) => tell(options().onError, error);
  const onThrow = (cause: unknown) =>
    onError(new AuthSocketError('handler-threw', 'A handler threw; the others ran.', cause));
  return {
    tell,
    onError,
    onThrow,
    onMalformed: (why, cause) =>
      onError(new AuthSocketError('malformed-frame', `A frame was dropped: ${why}.`, cause)),
    onInvalidOption(cause) {
      const message = 'The socket could not be made from url and protocol.';
      onError(isAuthSocketError(cause) ? cause : new AuthSocketError('invalid-option', message, cause));
    },
  };
}

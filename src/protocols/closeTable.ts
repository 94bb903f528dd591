import type { Verdict } from '../machine/verdict';
import type { CloseFacts, Judgement, SocketProtocol } from './protocol';

/** What the code words of a reason mean. Read before the close code, which says less. */
const words: Readonly<Record<string, Verdict>> = {
  token_expired: 'expired',
  session_expired: 'expired',
  expired: 'expired',
  token_revoked: 'revoked',
  session_revoked: 'revoked',
  session_invalid: 'revoked',
  invalid_token: 'revoked',
  token_invalid: 'revoked',
  logged_out: 'revoked',
  forbidden: 'forbidden',
  subject_mismatch: 'forbidden',
  rate_limited: 'limit',
  too_many_connections: 'limit',
  overloaded: 'limit',
  going_away: 'going-away',
  restarting: 'going-away',
  protocol_error: 'protocol',
  taken_over: 'taken-over',
};

/** English that servers write instead of a code word. */
const phrases: readonly (readonly [RegExp, Verdict])[] = [
  [/expired/i, 'expired'],
  [/revoked|session invalid|invalid session|logged out/i, 'revoked'],
  [/rate limit|too many/i, 'limit'],
  [/forbidden|not allowed/i, 'forbidden'],
];

/**
 * Close codes that mean the same everywhere.
 *
 * @see https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
 */
const codes: Readonly<Record<number, Verdict>> = {
  1001: 'going-away',
  1002: 'protocol',
  1003: 'protocol',
  1012: 'going-away',
  1013: 'limit',
};

/** Reasons are at most 123 bytes on the wire; a longer one is not read. */
const MAX_REASON = 1_000;

interface Reason {
  word: string;
  retryAfterMs: number | undefined;
}

function readReason(reason: string): Reason {
  const none = { word: '', retryAfterMs: undefined };
  if (reason.length > MAX_REASON) return none;
  if (!reason.startsWith('{')) return { word: reason.trim(), retryAfterMs: undefined };
  try {
    const { code, retry_after: seconds } = JSON.parse(reason) as { code?: unknown; retry_after?: unknown };
    return { word: typeof code === 'string' ? code : '', retryAfterMs: secondsToMs(seconds) };
  } catch {
    return none;
  }
}

/** A span in seconds as the wire has it, in ms; undefined for what cannot be one. */
export function secondsToMs(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && seconds >= 0 && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** The verdict of a code word, if it is one. */
export function verdictOfWord(word: unknown): Verdict | undefined {
  return typeof word === 'string' && Object.hasOwn(words, word) ? words[word] : undefined;
}

/**
 * A `judgeClose` in which some codes or reasons have a meaning of your own.
 *
 * Keys are a close code (`4401`), a code with a reason (`'1008:kicked'`), or a reason alone (`'kicked'`). They are asked
 * first, the most exact first; then the reason (JSON `{"code"}`, a bare code word, English), then the code.
 */
export function closeTable(
  overrides: Readonly<Record<string | number, Verdict>> = {},
): SocketProtocol['judgeClose'] {
  return ({ code, reason, lastVerdict }: CloseFacts): Judgement => {
    const { word, retryAfterMs } = readReason(reason);
    const key = [`${code}:${word}`, word, String(code)].find(
      name => name !== '' && Object.hasOwn(overrides, name),
    );
    const own = key === undefined ? undefined : overrides[key];
    const phrase = phrases.find(([pattern]) => pattern.test(word));
    const verdict = own ?? lastVerdict ?? verdictOfWord(word) ?? phrase?.[1] ?? codes[code] ?? 'ambiguous';
    return retryAfterMs === undefined ? verdict : { verdict, retryAfterMs };
  };
}

import type { GetToken, TokenRequest, TokenSource } from '../../src/core';
import { answerKind, type TokenGrant } from '../../src/machine/tokenAnswer';

/** What a source made of a request: `token`, `signed-out` or `unavailable`, with the answer itself. */
export interface Verdict {
  kind: 'token' | 'signed-in' | 'signed-out' | 'unavailable' | 'token-rejected';
  token: string | null;
  answer: unknown;
  cause: unknown;
}

/** Asks a source as the client would, and no longer than `deadlineMs`. */
export async function askSource(
  source: TokenSource,
  overrides: Partial<TokenRequest> = {},
  deadlineMs = 700,
): Promise<Verdict> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException('too late', 'AbortError')), deadlineMs);
  try {
    const answer = await getTokenOf(source)({
      reason: 'initial',
      forceRefresh: false,
      previous: null,
      minValidityMs: 0,
      attempt: 1,
      signal: controller.signal,
      ...overrides,
    });
    const kind = answerKind(answer) ?? 'token';
    const token = typeof answer === 'string' ? answer : ((answer as Partial<TokenGrant>).token ?? null);
    return { kind, token, answer, cause: (answer as { cause?: unknown }).cause };
  } finally {
    clearTimeout(timer);
  }
}

/** The request of a client whose server refused this token. */
export function refused(token: string): Partial<TokenRequest> {
  return { reason: 'rejected', forceRefresh: true, previous: { token } };
}

/** The request of a client whose token, this one, ends soon. */
export function expiring(token: string, leftMs = 60_000): Partial<TokenRequest> {
  return { reason: 'expiring', previous: { token }, minValidityMs: leftMs };
}

function getTokenOf(source: TokenSource): GetToken {
  return typeof source === 'function' ? source : (source.getToken as GetToken);
}

import type { SocketStatus } from '../machine/snapshot';
import type { Verdict } from '../machine/verdict';

/** How a verdict is told: what the server's word was taken for. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  expired: 'token expired',
  revoked: 'token withdrawn',
  forbidden: 'not allowed',
  limit: 'too much at once',
  'going-away': 'the server is leaving',
  protocol: 'not understood',
  'taken-over': 'another connection took over',
  ambiguous: 'no reason given',
};

const codeWords: Readonly<Record<number, string>> = {
  1000: 'closed normally',
  1001: 'the server is going away',
  1005: 'closed without a code',
  1006: 'the connection broke',
  1011: 'the server failed',
  1012: 'the server restarts',
  1013: 'the server asks to come back later',
};

/** Why a socket was closed: `closed 1008 "token_expired": token expired`. */
export function closeWords({ code, reason, verdict }: NonNullable<SocketStatus['lastClose']>): string {
  const said = saidIn(reason);
  if (said === '' && codeWords[code]) return `${codeWords[code]} (${code})`;
  const quoted = said === '' ? '' : ` "${said}"`;
  return `closed ${code}${quoted}: ${verdictWords[verdict]}`;
}

/** `{"code":"token_expired"}` and `token_expired` alike. */
function saidIn(reason: string): string {
  try {
    const { code } = JSON.parse(reason) as { code?: unknown };
    return typeof code === 'string' ? code : '';
  } catch {
    return reason;
  }
}

import type { Verdict } from '../machine/verdict';

type Verdicts = Readonly<Record<number, Verdict>>;

/**
 * The disconnect codes of the centrifuge library that mean more than their range. Sent as the close code.
 *
 * @see https://github.com/centrifugal/centrifuge/blob/master/disconnect.go
 */
const disconnects: Verdicts = {
  // connection expired
  3005: 'expired',
  // too many requests
  3013: 'limit',
  // state invalidated: whatever is cached of it, the token too, is worthless
  3014: 'revoked',
  // invalid token: terminal for other clients; here the token source says whether there is a valid one
  3500: 'revoked',
  // bad request
  3501: 'protocol',
  // stale: it did not present itself in time, as after a sleep between the handshake and the first frame
  3502: 'going-away',
  // connection limit: another tab may be closed soon
  3504: 'limit',
  // inappropriate protocol
  3506: 'protocol',
  // not available: a kind of command that the server does not take
  3508: 'protocol',
  // too many errors
  3509: 'protocol',
};

/**
 * The error codes of replies.
 *
 * @see https://github.com/centrifugal/centrifuge/blob/master/errors.go
 */
const errors: Verdicts = {
  // unauthorized
  101: 'revoked',
  // method not found
  104: 'protocol',
  // already subscribed
  105: 'protocol',
  // limit exceeded
  106: 'limit',
  // bad request
  107: 'protocol',
  // not available
  108: 'protocol',
  // token expired
  109: 'expired',
  // expired
  110: 'expired',
  // too many requests
  111: 'limit',
  // unrecoverable position
  112: 'limit',
  // token revoked
  113: 'revoked',
};

/** 3500-3999 and 4500-4999 are terminal: whoever gets one of these does not come back by itself. */
export function disconnectVerdict(code: unknown, own: Verdicts): Verdict {
  if (typeof code !== 'number') return 'ambiguous';
  const named = rowOf(own, code) ?? rowOf(disconnects, code);
  if (named) return named;
  const isTerminal = (code >= 3500 && code < 4000) || (code >= 4500 && code < 5000);
  return isTerminal ? 'forbidden' : 'going-away';
}

/** A temporary error is worth another try, and so are those below 100, which are no errors of the server's. */
export function errorVerdict({ code, temporary }: Record<string, unknown>, own: Verdicts): Verdict {
  if (typeof code !== 'number') return 'ambiguous';
  const named = rowOf(own, code) ?? rowOf(errors, code);
  return named ?? (temporary === true || code <= 100 ? 'limit' : 'forbidden');
}

function rowOf(table: Verdicts, code: number): Verdict | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}

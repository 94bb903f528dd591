import type { Verdict } from '../../src/core';

/** How a server ends a link, and what the default table makes of it. */
export interface CloseTriple {
  /** Whose way to say it this is. */
  readonly dialect: string;
  readonly code: number;
  readonly reason: string;
  /** The last control frame before it. */
  readonly frame?: Readonly<Record<string, unknown>>;
  readonly verdict: Verdict;
  /** The wait that was named, in ms. */
  readonly retryAfterMs?: number;
}

const expired = { type: 'session_expired' };
const leaving = { type: 'going_away', retry_after: 1 };

/**
 * Every close of SCENARIOS.md section 5 that has a code of its own, with the reasons that the servers write, and the
 * collisions between them. No code above 3000 means the same everywhere, so without a word none of them means anything:
 * ambiguous. Where there is a word the word counts.
 *
 * tests/protocols/jsonProtocol.test.ts holds the bare codes and the words of a plain 1008.
 */
export const closeTriples: readonly CloseTriple[] = [
  // The reason is read before the code, whatever it is written in.
  { dialect: 'JSON', code: 1000, reason: '{"code":"session_expired"}', verdict: 'expired' },
  { dialect: 'JSON', code: 1001, reason: '{"code":"token_expired"}', verdict: 'expired' },
  { dialect: 'JSON', code: 1008, reason: '{"code":"logged_out","by":"admin"}', verdict: 'revoked' },
  { dialect: 'JSON', code: 1008, reason: '{"code":"subject_mismatch"}', verdict: 'forbidden' },
  { dialect: 'JSON', code: 1011, reason: '{"code":"overloaded"}', verdict: 'limit' },
  { dialect: 'JSON', code: 1013, reason: '{"code":"token_revoked"}', verdict: 'revoked' },
  { dialect: 'JSON', code: 4000, reason: '{"code":"taken_over"}', verdict: 'taken-over' },
  { dialect: 'JSON', code: 4000, reason: '{"code":"protocol_error"}', verdict: 'protocol' },
  { dialect: 'JSON', code: 4999, reason: '{"code":"bad_karma"}', verdict: 'ambiguous' },
  {
    dialect: 'JSON',
    code: 1008,
    reason: '{"code":"rate_limited","retry_after":2}',
    verdict: 'limit',
    retryAfterMs: 2_000,
  },
  { dialect: 'JSON', code: 1012, reason: '{"retry_after":1}', verdict: 'going-away', retryAfterMs: 1_000 },
  {
    dialect: 'JSON',
    code: 4100,
    reason: '{"code":"restarting","retry_after":0}',
    verdict: 'going-away',
    retryAfterMs: 0,
  },
  { dialect: 'a bare word', code: 1000, reason: 'logged_out', verdict: 'revoked' },
  { dialect: 'a bare word', code: 1003, reason: 'session_invalid', verdict: 'revoked' },
  { dialect: 'a bare word', code: 4401, reason: 'invalid_token', verdict: 'revoked' },
  { dialect: 'a bare word', code: 4403, reason: 'too_many_connections', verdict: 'limit' },
  { dialect: 'a bare word', code: 4001, reason: 'going_away', verdict: 'going-away' },
  // One code, four meanings.
  { dialect: 'OpenScanner', code: 1008, reason: 'auth timeout', verdict: 'ambiguous' },
  { dialect: 'OpenScanner', code: 1008, reason: 'expected text message', verdict: 'ambiguous' },
  { dialect: 'OpenScanner', code: 1008, reason: 'invalid message', verdict: 'ambiguous' },
  { dialect: 'OpenScanner', code: 1008, reason: 'auth failed', frame: expired, verdict: 'expired' },
  { dialect: 'OpenScanner', code: 1000, reason: '', frame: expired, verdict: 'expired' },
  // The word of a frame counts for the close behind it, whatever that is.
  { dialect: 'a frame', code: 1006, reason: '', frame: expired, verdict: 'expired' },
  { dialect: 'a frame', code: 1013, reason: '', frame: expired, verdict: 'expired' },
  { dialect: 'a frame', code: 4401, reason: 'Unauthorized', frame: expired, verdict: 'expired' },
  { dialect: 'a frame', code: 1000, reason: '', frame: leaving, verdict: 'going-away' },
  { dialect: 'Metered', code: 1001, reason: 'shutting down', frame: leaving, verdict: 'going-away' },
  // 4001
  { dialect: 'automaker', code: 4001, reason: 'Authentication required', verdict: 'ambiguous' },
  { dialect: 'Liveblocks', code: 4001, reason: 'Not allowed', verdict: 'forbidden' },
  { dialect: 'Discord', code: 4001, reason: 'Unknown opcode.', verdict: 'ambiguous' },
  { dialect: 'Metered', code: 4001, reason: 'invalid token', verdict: 'ambiguous' },
  // 4003
  { dialect: 'automaker', code: 4003, reason: 'Terminal access is disabled', verdict: 'ambiguous' },
  { dialect: 'Discord', code: 4003, reason: 'Not authenticated.', verdict: 'ambiguous' },
  { dialect: 'Metered', code: 4003, reason: 'channel not allowed', verdict: 'forbidden' },
  // 4009
  { dialect: 'Discord', code: 4009, reason: 'Session timed out.', verdict: 'ambiguous' },
  { dialect: 'Pusher', code: 4009, reason: 'Connection is unauthorized', verdict: 'ambiguous' },
  // 4401 and 44xx
  { dialect: 'graphql-transport-ws', code: 4401, reason: 'Unauthorized', verdict: 'ambiguous' },
  { dialect: 'many', code: 4401, reason: 'Token has expired', verdict: 'expired' },
  { dialect: 'graphql-transport-ws', code: 4403, reason: 'Forbidden', verdict: 'forbidden' },
  {
    dialect: 'graphql-transport-ws',
    code: 4429,
    reason: 'Too many initialisation requests',
    verdict: 'limit',
  },
  { dialect: 'Hocuspocus', code: 4408, reason: 'Connection Timeout', verdict: 'ambiguous' },
  // The rest of the table.
  { dialect: 'Discord', code: 4004, reason: 'Authentication failed.', verdict: 'ambiguous' },
  { dialect: 'Discord', code: 4008, reason: 'You are being rate limited.', verdict: 'limit' },
  { dialect: 'Discord', code: 4014, reason: 'Disallowed intent(s).', verdict: 'ambiguous' },
  { dialect: 'Centrifugo', code: 3005, reason: 'expired', verdict: 'expired' },
  { dialect: 'Centrifugo', code: 3500, reason: 'invalid token', verdict: 'ambiguous' },
  { dialect: 'Centrifugo', code: 3503, reason: 'force disconnect', verdict: 'ambiguous' },
  { dialect: 'Centrifugo', code: 3504, reason: 'connection limit', verdict: 'ambiguous' },
  { dialect: 'Centrifugo', code: 3001, reason: 'shutdown', verdict: 'ambiguous' },
  { dialect: 'Liveblocks', code: 4109, reason: 'Token expired', verdict: 'expired' },
  { dialect: 'Liveblocks', code: 4100, reason: 'Kicked', verdict: 'ambiguous' },
  { dialect: 'Metered', code: 4002, reason: 'token expired', verdict: 'expired' },
  { dialect: 'Metered', code: 4012, reason: 'app suspended', verdict: 'ambiguous' },
  { dialect: 'Metered', code: 4020, reason: 'disconnected by an administrator', verdict: 'ambiguous' },
  { dialect: 'Pusher', code: 4100, reason: 'Over capacity', verdict: 'ambiguous' },
  { dialect: 'Pusher', code: 4201, reason: 'Pong reply not received', verdict: 'ambiguous' },
  { dialect: 'NATS', code: 1008, reason: 'User Authentication Expired', verdict: 'expired' },
  { dialect: 'NATS', code: 1008, reason: 'Authorization Violation', verdict: 'ambiguous' },
  { dialect: 'Hasura', code: 1008, reason: 'Could not verify JWT: JWTExpired', verdict: 'expired' },
];

/** As a title has it. */
function inWords({ dialect, code, reason, frame, verdict }: CloseTriple): string {
  const after = frame ? ` after ${String(frame.type)}` : '';
  return `${dialect}: ${code} "${reason}"${after} means ${verdict}`;
}

/** Rows for `it.each`, title first. */
export const titledTriples = closeTriples.map(triple => [inWords(triple), triple] as const);

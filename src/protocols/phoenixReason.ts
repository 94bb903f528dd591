import type { Verdict } from '../machine/verdict';
import { verdictOfWord } from './closeTable';

/** A reason is a line; what is longer is not read. */
const MAX_REASON = 1_000;

/**
 * The reasons of Supabase Realtime, `<Code>: <English>` in a refused join and English alone in a `system` message, and
 * what Phoenix itself says.
 *
 * @see https://github.com/supabase/realtime/blob/main/lib/realtime_web/channels/realtime_channel.ex
 * @see https://github.com/phoenixframework/phoenix/blob/main/lib/phoenix/socket.ex
 */
const reasons: readonly (readonly [RegExp, Verdict])[] = [
  [/expired/i, 'expired'],
  [/^(InvalidJWTToken|MalformedJWT|JwtSign\w+)\b|valid JWT|in JWT|JWT signer|signature_error/, 'revoked'],
  // What a generated channel answers to a join that it does not like.
  [/^unauthorized$/i, 'revoked'],
  [/^(Unauthorized|PrivateOnly|TenantNotFound|RealtimeDisabledForTenant|TopicNameRequired)\b/, 'forbidden'],
  [/permission/, 'forbidden'],
  [/RateLimitReached|^Too many|rate limit|^(IncreaseConnectionPool|DatabaseLackOfConnections)\b/, 'limit'],
  // Nothing about this user, and over soon.
  [/^(RealtimeRestarting|InitializingProjectConnection|UnableToConnectToProject)\b/, 'going-away'],
  [/^(Timeout|Error)OnRpcCall\b|^Realtime was unable/, 'going-away'],
  [/^unmatched topic$/, 'protocol'],
];

/** What a reason means; `own` are the application's own words for it. */
export function verdictOfPhoenixReason(
  reason: unknown,
  own: Readonly<Record<string | number, Verdict>>,
): Verdict {
  if (typeof reason !== 'string' || reason.length > MAX_REASON) return 'ambiguous';
  const named = Object.hasOwn(own, reason) ? own[reason] : undefined;
  return (
    named ?? reasons.find(([pattern]) => pattern.test(reason))?.[1] ?? verdictOfWord(reason) ?? 'ambiguous'
  );
}

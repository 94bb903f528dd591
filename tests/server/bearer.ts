import type { AccessClaims } from './accessTokens';
import { errorAnswer, type HttpAnswer, type HttpExchange } from './httpAnswer';
import type { ServerContext } from './serverContext';

/** Checks the bearer token of a request, and that its session lives. A good one is a sign of life. */
export async function requireBearer(
  context: ServerContext,
  { request }: HttpExchange,
): Promise<{ claims: AccessClaims } | { refusal: HttpAnswer }> {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer') return { refusal: errorAnswer(401, 'token_required') };
  const check = await context.tokens.check(token);
  if (check.error !== null) return { refusal: errorAnswer(401, check.error) };
  const found = await context.sessions.find(check.claims.sid);
  if ('denied' in found) return { refusal: errorAnswer(401, found.denied) };
  await context.sessions.touch(check.claims.sid);
  return { claims: check.claims };
}

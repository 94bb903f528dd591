import type { IncomingMessage } from 'node:http';
import type { AccessClaims } from './accessTokens';
import { errorAnswer, type HttpAnswer, type HttpExchange } from './httpAnswer';
import type { ServerContext } from './serverContext';

/** What the bearer token of a request says, or the word why it is no good. 'token_required': there is none. */
export async function readBearer(
  { tokens, sessions }: ServerContext,
  request: IncomingMessage,
): Promise<{ claims: AccessClaims } | { error: string }> {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer') return { error: 'token_required' };
  const check = await tokens.check(token);
  if (check.error !== null) return { error: check.error };
  const found = await sessions.find(check.claims.sid);
  return 'denied' in found ? { error: found.denied } : { claims: check.claims };
}

/** Checks the bearer token of a request, and that its session lives. A good one is a sign of life. */
export async function requireBearer(
  context: ServerContext,
  { request }: HttpExchange,
): Promise<{ claims: AccessClaims } | { refusal: HttpAnswer }> {
  const read = await readBearer(context, request);
  if ('error' in read) return { refusal: errorAnswer(401, read.error) };
  await context.sessions.touch(read.claims.sid);
  return read;
}

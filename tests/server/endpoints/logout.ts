import { errorAnswer, fieldOf, jsonAnswer, type Endpoint, type HttpExchange } from '../httpAnswer';
import type { ServerContext } from '../serverContext';

/**
 * `POST /auth/logout`: ends this session, or with `{"all":true}` all of the user's. The session is named by the
 * cookie or by the bearer token.
 */
export function logoutEndpoint(context: ServerContext): Endpoint {
  return async exchange => {
    const sessionId = await sessionOf(context, exchange);
    if (sessionId === null) return errorAnswer(401, 'login_required');
    const found = await context.sessions.find(sessionId);
    let ended = 0;
    if ('session' in found) {
      const all = fieldOf(exchange.body, 'all') === true;
      ended = all
        ? await context.sessions.endAllOf(found.session.user, 'logged-out')
        : Number(await context.sessions.end(sessionId, 'logged-out'));
    }
    context.stats().logouts += 1;
    return { ...jsonAnswer(200, { ended }), cookies: context.cookies.clear() };
  };
}

async function sessionOf(context: ServerContext, { request }: HttpExchange): Promise<string | null> {
  const ticket = context.cookies.readRefresh(request.headers.cookie);
  if (typeof ticket === 'object') return ticket.sessionId;
  // An expired token still says whose session to end.
  const check = await context.tokens.check((request.headers.authorization ?? '').split(' ')[1]);
  return check.claims?.sid ?? null;
}

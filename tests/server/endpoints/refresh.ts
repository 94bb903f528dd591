import { errorAnswer, type Endpoint } from '../httpAnswer';
import type { ServerContext } from '../serverContext';
import { tokenAnswer } from './tokenAnswer';

/** `POST /auth/refresh`: spends the refresh cookie for an access token and the next cookie. */
export function refreshEndpoint(context: ServerContext): Endpoint {
  return async ({ request }) => {
    const ticket = context.cookie.read(request.headers.cookie);
    if (ticket === 'none') return errorAnswer(401, 'login_required');
    if (ticket === 'forged')
      return errorAnswer(401, 'invalid_grant', { 'set-cookie': context.cookie.clear() });
    const result = await context.sessions.rotate(ticket);
    if ('denied' in result) {
      return errorAnswer(401, result.denied, { 'set-cookie': context.cookie.clear() });
    }
    context.stats().refreshes += 1;
    return tokenAnswer(context, result.session);
  };
}

import { errorAnswer, type Endpoint, type HttpAnswer } from '../httpAnswer';
import type { ServerContext } from '../serverContext';
import { tokenAnswer } from './tokenAnswer';

/** `POST /auth/refresh`: spends the refresh cookie for an access token and the next cookie. */
export function refreshEndpoint(context: ServerContext): Endpoint {
  const deny = (error: string): HttpAnswer => ({
    ...errorAnswer(401, error),
    cookies: context.cookies.clear(),
  });
  return async ({ request }) => {
    const ticket = context.cookies.readRefresh(request.headers.cookie);
    if (ticket === 'none') return errorAnswer(401, 'login_required');
    if (ticket === 'forged') return deny('invalid_grant');
    const result = await context.sessions.rotate(ticket);
    if ('denied' in result) return deny(result.denied);
    context.stats().refreshes += 1;
    return tokenAnswer(context, result.session);
  };
}

import { errorAnswer, fieldOf, type Endpoint } from '../httpAnswer';
import type { ServerContext } from '../serverContext';
import { tokenAnswer } from './tokenAnswer';

/** `POST /auth/login {"user":"ada"}`: a new session. There is no password; this is a demonstration. */
export function loginEndpoint(context: ServerContext): Endpoint {
  return async ({ body }) => {
    const user = fieldOf(body, 'user');
    if (typeof user !== 'string' || !/^[\w.@ -]{1,64}$/.test(user)) return errorAnswer(400, 'invalid_user');
    context.stats().logins += 1;
    return tokenAnswer(context, await context.sessions.start(user));
  };
}

import type { IncomingMessage } from 'node:http';
import { readBearer } from '../bearer';
import { holderOf, type Holder } from '../holder';
import { errorAnswer, jsonAnswer, type Endpoint } from '../httpAnswer';
import { pageOrigin } from '../origins';
import type { ServerContext } from '../serverContext';

/**
 * `GET` or `POST /auth/ticket`: a ticket for one handshake, for whoever shows an access token or the refresh cookie.
 *
 * An expired token is a 401 `token_expired`, cookie or not. Asking for a ticket is no sign of life: the library does it
 * by itself.
 */
export function ticketEndpoint(context: ServerContext): Endpoint {
  return async ({ request }) => {
    const asking = await whoAsks(context, request);
    if ('error' in asking) return errorAnswer(401, asking.error);
    const { ticket, expiresInS } = context.tickets.issue(asking.holder, pageOrigin(request));
    return jsonAnswer(200, { ticket, expires_in: expiresInS });
  };
}

async function whoAsks(
  context: ServerContext,
  request: IncomingMessage,
): Promise<{ holder: Holder } | { error: string }> {
  if (request.headers.authorization !== undefined) {
    const read = await readBearer(context, request);
    return 'error' in read ? read : { holder: holderOf(read.claims) };
  }
  const cookie = context.cookies.readRefresh(request.headers.cookie);
  if (cookie === 'none') return { error: 'login_required' };
  if (cookie === 'forged') return { error: 'invalid_grant' };
  const found = await context.sessions.findByCookie(cookie);
  if ('denied' in found) return { error: found.denied };
  return { holder: { user: found.session.user, session: found.session.id, claims: null } };
}

import { requireBearer } from '../bearer';
import { jsonAnswer, type Endpoint } from '../httpAnswer';
import type { ServerContext } from '../serverContext';

/** `GET /api/me`: who the bearer token belongs to. */
export function meEndpoint(context: ServerContext): Endpoint {
  return async exchange => {
    const bearer = await requireBearer(context, exchange);
    if ('refusal' in bearer) return bearer.refusal;
    const { claims } = bearer;
    return jsonAnswer(200, {
      user: claims.sub,
      session: claims.sid,
      expires_in: context.tokens.remainingS(claims),
    });
  };
}

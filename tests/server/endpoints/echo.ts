import { requireBearer } from '../bearer';
import { fieldOf, jsonAnswer, type Endpoint } from '../httpAnswer';
import type { ServerContext } from '../serverContext';

/** `POST /api/echo`: the JSON body back, with the number of times its `id` has been seen. */
export function echoEndpoint(context: ServerContext): Endpoint {
  return async exchange => {
    const bearer = await requireBearer(context, exchange);
    if ('refusal' in bearer) return bearer.refusal;
    const copies = context.echoes.note(bearer.claims.sub, fieldOf(exchange.body, 'id'));
    return jsonAnswer(200, { body: exchange.body ?? null, copies });
  };
}

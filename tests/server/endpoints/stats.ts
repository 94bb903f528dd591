import { jsonAnswer, type Endpoint } from '../httpAnswer';
import type { ServerStats } from '../serverStats';

/** `GET /__stats`: every counter. */
export function statsEndpoint(snapshot: () => ServerStats): Endpoint {
  return async () => jsonAnswer(200, snapshot());
}

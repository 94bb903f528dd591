import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EndpointFault } from './faultInjector';
import { errorAnswer, faultAnswer, readJsonBody, writeAnswer, type Endpoint } from './httpAnswer';
import type { Origins } from './origins';
import type { ServerContext } from './serverContext';
import { countUp } from './serverStats';
import { unlessAway } from './sessionStore';

/** Endpoints by `METHOD /path`. */
export type Routes = Readonly<Record<string, Endpoint>>;

/** Leads each request to its endpoint, past the faults set for its path. */
export function createRouter(context: ServerContext, routes: Routes, origins: Origins) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://server').pathname;
    const cors = origins.headers(request.headers.origin);
    for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
    if (!origins.isAllowed(request.headers.origin)) {
      writeAnswer(response, errorAnswer(403, 'origin_refused'));
      return;
    }
    if (request.method === 'OPTIONS') {
      writeAnswer(response, { status: 204, body: '' });
      return;
    }
    const route = `${request.method ?? ''} ${path}`;
    const endpoint = Object.hasOwn(routes, route) ? routes[route] : undefined;
    if (!path.startsWith('/__')) countUp(context.stats().requests, route);
    const fault = context.faults.take(path);
    // Read in any case: a body that is left lying turns the end of the connection into a reset.
    const body = await readJsonBody(request);
    const work = async () => {
      if (!endpoint) return errorAnswer(404, 'not_found');
      const answer = await unlessAway(endpoint({ request, path, body }));
      return answer ?? errorAnswer(503, 'unavailable', { 'retry-after': '1' });
    };
    const answer = fault ? await serveFault(context, path, fault, response, work) : await work();
    if (!answer) return;
    if (answer.status === 401) countUp(context.stats().unauthorized, path);
    writeAnswer(response, answer);
  };
}

/** What a fault leaves of a request; null if nothing is to be answered. */
async function serveFault(
  context: ServerContext,
  path: string,
  fault: EndpointFault,
  response: ServerResponse,
  work: () => ReturnType<Endpoint>,
): Promise<Awaited<ReturnType<Endpoint>> | null> {
  countUp(context.stats().faultsServed, `${path} ${fault.kind}`);
  const early = fault.when === 'after' ? await work() : null;
  if (fault.latencyMs) {
    const { latencyMs } = fault;
    await new Promise<void>(resolve => context.timers.after(latencyMs, resolve));
  }
  if (fault.kind === 'slow') return early ?? work();
  if (fault.kind === 'offline') response.destroy();
  return faultAnswer(fault);
}

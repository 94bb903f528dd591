import type { ControlCommand } from '../controlCommand';
import { errorAnswer, fieldOf, jsonAnswer, type Endpoint } from '../httpAnswer';
import { isLoopbackAddress } from '../origins';

/** `POST /__control`: runs a command; only for this machine. A bad one is a 400 that says what is wrong. */
export function controlEndpoint(run: (command: ControlCommand) => Promise<unknown>): Endpoint {
  return async ({ request, body }) => {
    if (!isLoopbackAddress(request.socket.remoteAddress)) return errorAnswer(403, 'loopback_only');
    if (typeof fieldOf(body, 'command') !== 'string') return errorAnswer(400, 'command_missing');
    try {
      return jsonAnswer(200, { result: (await run(body as ControlCommand)) ?? null });
    } catch (error) {
      return jsonAnswer(400, { error: 'invalid_command', message: (error as Error).message });
    }
  };
}

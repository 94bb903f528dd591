import { assertNever } from '../../src/machine/assertNever';
import type { EndpointFault, SocketFaults } from './faultInjector';
import type { ServerContext } from './serverContext';
import type { LiveOptions } from './serverOptions';
import type { GarbageKind, SocketHub, SocketTarget } from './socketHub';

/**
 * What `server.control()` and `POST /__control` take, as JSON. Commands on sockets mean all open ones unless `user`,
 * `session` or `connection` is given, and answer how many they reached.
 */
export type ControlCommand =
  /** Makes an endpoint fail; `endpoint` is a path or `*`. */
  | { command: 'setFault'; endpoint: string; fault: EndpointFault | EndpointFault[] }
  /** Changes what goes wrong inside sockets. */
  | { command: 'setSocketFaults'; faults: Partial<SocketFaults> }
  /** Heals one endpoint, or all endpoints and sockets. */
  | { command: 'clearFaults'; endpoint?: string }
  /** Ends sockets by a TCP reset. */
  | ({ command: 'reset' } & SocketTarget)
  /** Ends sockets by a plain TCP end without a close frame. */
  | ({ command: 'drop' } & SocketTarget)
  /** Stops reading and writing on sockets, without a word. */
  | ({ command: 'halfOpen' } & SocketTarget)
  /** Closes sockets with any code, even those that are not allowed on the wire. */
  | ({ command: 'close'; code: number; reason?: string } & SocketTarget)
  /** Sends `going_away`, then closes with 1001 or `code`; `code: 0` sends the frame alone. */
  | ({ command: 'goingAway'; retryAfterS?: number; code?: number } & SocketTarget)
  /** Sends a frame: `frame` as JSON, or `text` as it is. */
  | ({ command: 'send'; frame?: unknown; text?: string } & SocketTarget)
  | ({ command: 'sendGarbage'; kind: GarbageKind; bytes?: number } & SocketTarget)
  /** Sends `auth_expiring_soon`, `times` times. */
  | ({ command: 'warn'; inS?: number; times?: number } & SocketTarget)
  /** The tokens of a session count as expired from now on, and its sockets are closed so. All sessions by default. */
  | { command: 'expireNow'; session?: string; user?: string }
  /** Ends sessions as an administrator would; tokens and sockets go with them. */
  | { command: 'revokeSession'; session?: string; user?: string }
  /** Cuts every connection and refuses the port for so long. Sessions survive. */
  | { command: 'kill'; forMs: number }
  /** As `kill`, but says 1012 (or `code`) first, with a `going_away` frame if `retryAfterS` is given. */
  | { command: 'restart'; forMs: number; code?: number; retryAfterS?: number }
  /** Moves the server's clock. */
  | { command: 'jumpClock'; ms: number }
  /** Produces a number of ticks now (1). */
  | { command: 'tick'; times?: number }
  /** Changes options while the server runs. */
  | { command: 'configure'; options: LiveOptions }
  /** A client's count of what it found missing or twice in the stream; a `stream_report` frame does the same. */
  | { command: 'reportStream'; gaps: number; duplicates: number }
  | { command: 'resetStats' };

/** What commands reach beside the context. */
export interface ControlParts {
  context: ServerContext;
  hub: SocketHub;
  configure(options: LiveOptions): void;
  resetStats(): void;
  /** Cuts everything and refuses the port for so long. */
  kill(forMs: number): void;
}

/** Runs one command. Throws on one that does not exist or cannot be obeyed. */
export async function runControl(command: ControlCommand, parts: ControlParts): Promise<unknown> {
  const { context, hub } = parts;
  switch (command.command) {
    case 'setFault':
      return context.faults.set(command.endpoint, command.fault);
    case 'setSocketFaults':
      return context.faults.setSocket(command.faults);
    case 'clearFaults':
      return context.faults.clear(command.endpoint);
    case 'reset':
      return hub.forEach(command, ({ writer }) => writer.drop('reset'));
    case 'drop':
      return hub.forEach(command, ({ writer }) => writer.drop('end'));
    case 'halfOpen':
      return hub.forEach(command, connection => connection.halfOpen());
    case 'close':
      return hub.forEach(command, ({ writer }) => writer.close(command.code, command.reason));
    case 'goingAway':
      return sayGoodbye(hub, command, command.code ?? 1001);
    case 'send': {
      const text = command.text ?? JSON.stringify(command.frame);
      if (text === undefined) throw new TypeError('send: give `frame` or `text`');
      return hub.forEach(command, ({ writer }) => writer.sendText(text));
    }
    case 'sendGarbage':
      return hub.sendGarbage(command, command.kind, command.bytes);
    case 'warn':
      return hub.forEach(command, ({ watch }) => {
        for (let sent = 0; sent < (command.times ?? 1); sent += 1) watch.warn(command.inS);
      });
    case 'expireNow':
      context.tokens.expireTokens(command);
      return hub.rearm();
    case 'revokeSession':
      return revokeSessions(context, command);
    case 'kill':
      return parts.kill(command.forMs);
    case 'restart':
      sayGoodbye(hub, command, command.code ?? 1012);
      // The close frames must be out before the connections are cut.
      await new Promise<void>(resolve => context.timers.after(20, resolve));
      return parts.kill(command.forMs);
    case 'jumpClock':
      context.clock.jump(command.ms);
      return hub.rearm();
    case 'tick':
      for (let made = 0; made < (command.times ?? 1); made += 1) context.ticks.tick();
      return context.ticks.nextSeq - 1;
    case 'configure':
      return parts.configure(command.options);
    case 'reportStream':
      context.stats().stream.gaps += command.gaps;
      context.stats().stream.duplicates += command.duplicates;
      return undefined;
    case 'resetStats':
      return parts.resetStats();
    default:
      return assertNever(command);
  }
}

function sayGoodbye(hub: SocketHub, command: SocketTarget & { retryAfterS?: number }, code: number): number {
  return hub.forEach(command, ({ writer }) => {
    if (command.retryAfterS !== undefined || code === 0) {
      writer.send({ type: 'going_away', retry_after: command.retryAfterS });
    }
    if (code !== 0) writer.close(code);
  });
}

async function revokeSessions(
  context: ServerContext,
  { session, user }: { session?: string; user?: string },
): Promise<number> {
  if (session !== undefined) return Number(await context.sessions.end(session, 'revoked'));
  if (user !== undefined) return context.sessions.endAllOf(user, 'revoked');
  throw new TypeError('revokeSession: name a `session` or a `user`');
}

import type { Verdict } from '../machine/verdict';
import { closeTable } from '../protocols/closeTable';
import type { SocketProtocol } from '../protocols/protocol';
import type { AuthSocket } from '../runtime/authSocket';
import { checkUrlOption, dialUrl } from '../runtime/dialUrl';
import { internalsOf } from '../runtime/internals';
import { presentedToken } from '../runtime/presentedToken';
import { refuseTokenIn } from '../runtime/urlSecrets';

/** Listeners as graphql-ws takes them in `on`. */
export interface GraphqlWsListeners {
  connecting?(isRetry: boolean): void;
  opened?(socket: unknown): void;
  connected?(socket: unknown, payload: Record<string, unknown> | undefined, wasRetry: boolean): void;
  ping?(received: boolean, payload: Record<string, unknown> | undefined): void;
  pong?(received: boolean, payload: Record<string, unknown> | undefined): void;
  message?(message: unknown): void;
  closed?(event: unknown): void;
  error?(error: unknown): void;
}

/** Options of `graphqlWsOptions()`. */
export interface GraphqlWsAdapterOptions {
  /** ws(s) or http(s) URL, or a path. A function is called per dial. @default the `url` of the client */
  url?: string | URL | (() => string | URL);
  /**
   * What `connection_init` carries; the server finds it as `connectionParams`. Not called where a cookie is the
   * credential.
   *
   * @default the token as `Authorization: Bearer`
   */
  payload?: (token: string) => Record<string, unknown>;
  /**
   * What a close means. 'forbidden', 'protocol' and 'taken-over' end the subscriptions, with the close event as their
   * error; everything else is tried again, after 'expired' and 'revoked' with another token.
   *
   * @default 4401 expired, 4403 revoked; 1002, 1003, 1007, 1009, 1010, 4004, 4005, 4400, 4406, 4409, 4429 protocol
   */
  close?: SocketProtocol['judgeClose'];
  /** Your listeners. Give them here: an `on` beside the options of this adapter takes the place of its own. */
  on?: GraphqlWsListeners;
  /** `url()` may only name the origin of the first dial and these. */
  allowedOrigins?: string[];
  /** false: ws:// is refused off loopback. @default false */
  allowInsecure?: boolean;
}

/** Options for `createClient`. Others may be spread beside them, but no `on`. */
export interface GraphqlWsOptions {
  url: () => Promise<string>;
  connectionParams: () => Promise<Record<string, unknown> | undefined>;
  retryAttempts: number;
  retryWait: (retries: number) => Promise<void>;
  shouldRetry: (errorOrCloseEvent: unknown) => boolean;
  keepAlive: number;
  connectionAckWaitTimeout: number;
  on: GraphqlWsListeners;
}

type LentSocket = Pick<WebSocket, 'onmessage' | 'onerror' | 'onclose' | 'close'>;
type CloseFacts = Pick<CloseEvent, 'code' | 'reason' | 'wasClean'> & { cause?: unknown };

/** Two of them fit into the 60 quiet seconds after which nginx closes. */
const KEEP_ALIVE_MS = 25_000;

/** For a pong, and for `connection_ack`. */
const ANSWER_MS = 10_000;

const MIN_WAIT_MS = 250;
const MAX_WAIT_MS = 30_000;

/** How graphql-ws names a connection that it gave up itself; never fatal. */
const TERMINATED = 4499;

/** The two do not speak the same language, or one operation is wrong. */
const protocolErrors = [1002, 1003, 1007, 1009, 1010, 4004, 4005, 4400, 4406, 4409, 4429];

const defaultClose = closeTable({
  4401: 'expired',
  4403: 'revoked',
  ...Object.fromEntries(protocolErrors.map(code => [code, 'protocol' as const])),
});

const stops: readonly Verdict[] = ['forbidden', 'protocol', 'taken-over'];
const wakes: readonly string[] = ['online', 'shown', 'resumed', 'returned'];

/**
 * Lends a session to the client of graphql-ws: `createClient(graphqlWsOptions(socket, { url: '/graphql' }))`.
 *
 * The token comes first, then the dial: while there is none, or nobody is signed in, the client waits and dials nothing. No
 * failure of the token source ends a subscription. 4401, 4403 and a bare 1008, two of which graphql-ws takes as the end,
 * cost one refresh; the refused token is not presented again. A server that answers no ping is left. When the session ends
 * or becomes another user's, the connection is closed.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/src/client.ts
 */
export function graphqlWsOptions(
  // eslint-disable-next-line typescript/no-explicit-any -- the messages of its own link do not matter here
  socket: AuthSocket<any, any>,
  options: GraphqlWsAdapterOptions = {},
): GraphqlWsOptions {
  const { payload = bearer, close = defaultClose, on = {} } = options;
  checkUrlOption(options.url);
  const internals = internalsOf(socket);
  const { clock, page } = internals;
  const target = options.url === undefined ? internals.url : dialUrl(() => options, page?.href);
  const presented = presentedToken(socket);
  /** What this dial or link presents. */
  let token: string | null = null;
  let openedAt: number | null = null;
  let lastVerdict: Verdict = 'ambiguous';
  let fatal: unknown = null;
  let endWatch = (): void => {};
  let giveUp = (): void => {};
  let cancelPong: (() => void) | null = null;

  function heard(): void {
    cancelPong?.();
    cancelPong = null;
  }

  function judge({ code, reason }: CloseFacts): Verdict {
    try {
      const judgement = close({ code, reason, phase: 'open', lastVerdict: null });
      return typeof judgement === 'string' ? judgement : judgement.verdict;
    } catch (cause) {
      internals.onThrow(cause);
      return 'ambiguous';
    }
  }

  function ended(code: number, verdict: Verdict): void {
    const openMs = openedAt === null ? null : clock.elapsedMs() - openedAt;
    openedAt = null;
    lastVerdict = verdict;
    heard();
    endWatch();
    presented.learn({ token, code, verdict, openMs });
  }

  function watch(given: LentSocket): void {
    const { onclose } = given;
    const tell = (event: CloseFacts) => onclose?.call(given as WebSocket, event as CloseEvent);
    openedAt = clock.elapsedMs();
    endWatch = internals.onForget(() => given.close(1000));
    given.onclose = event => {
      const verdict = judge(event);
      ended(event.code, verdict);
      if (stops.includes(verdict)) fatal = event;
      if (event.code === 1000 || fatal === event) return tell(event);
      // The client takes some codes as fatal whatever `shouldRetry` says: they go under another one.
      tell({ code: TERMINATED, reason: event.reason, wasClean: event.wasClean, cause: event });
    };
    giveUp = () => {
      given.onclose = given.onmessage = null;
      given.onerror = () => {};
      ended(1006, 'ambiguous');
      tell({ code: TERMINATED, reason: 'no answer to a ping', wasClean: false });
      given.close(TERMINATED);
    };
  }

  /** Until the next step of the ladder, a wake, or a session that came back. */
  function pause(failures: number): Promise<void> {
    return new Promise(resolve => {
      const { session: before, stopReason } = socket.getStatus();
      const isOver = before === 'signed-out' || stopReason === 'destroyed';
      const end = () => {
        undo.forEach(cancel => cancel?.());
        resolve();
      };
      const onStatus = () => {
        const { session } = socket.getStatus();
        if (session !== before && (session === 'valid' || isOver)) end();
      };
      const width = Math.min(MAX_WAIT_MS, 2 * MIN_WAIT_MS * 2 ** failures);
      const wait = Math.max(MIN_WAIT_MS, Math.random() * width);
      const undo = [
        socket.subscribe(onStatus),
        isOver ? null : clock.setTimer(end, wait),
        isOver ? null : page?.subscribe(signal => wakes.includes(signal) && end()),
      ];
    });
  }

  return {
    async url() {
      for (let failures = 0; ; failures++) {
        try {
          token = await presented.get();
          const address = target();
          refuseTokenIn(address, token);
          return address.href;
        } catch (cause) {
          // A rejection here would leave the client waiting for ever. One that no wait can cure is told, once.
          if (failures === 0 && (cause as { code?: unknown }).code === 'invalid-option')
            internals.onThrow(cause);
        }
        await pause(failures);
      }
    },
    async connectionParams() {
      try {
        token = await presented.get();
      } catch {
        // It ended during the dial. It goes all the same, for the server to judge: without any we might be let in as nobody.
      }
      return token === null ? undefined : payload(token);
    },
    retryAttempts: Infinity,
    retryWait: async retries => {
      if (retries > 0 || lastVerdict !== 'expired') await pause(retries);
    },
    shouldRetry: problem => problem !== fatal && (!(problem instanceof Error) || 'reason' in problem),
    keepAlive: KEEP_ALIVE_MS,
    connectionAckWaitTimeout: ANSWER_MS,
    on: {
      ...on,
      opened(given) {
        watch(given as LentSocket);
        on.opened?.(given);
      },
      ping(received, content) {
        if (!received) cancelPong ??= clock.setTimer(() => giveUp(), ANSWER_MS);
        on.ping?.(received, content);
      },
      message(message) {
        heard();
        on.message?.(message);
      },
      closed(event) {
        on.closed?.((event as CloseFacts).cause ?? event);
      },
      error(error) {
        if (openedAt === null) ended(1006, 'ambiguous');
        on.error?.(error);
      },
    },
  };
}

function bearer(token: string): Record<string, unknown> {
  return { Authorization: `Bearer ${token}` };
}

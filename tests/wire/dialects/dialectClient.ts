import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import {
  createAuthSocket,
  type AuthSocket,
  type AuthSocketOptions,
  type Platform,
  type SocketStatus,
  type TokenRequest,
} from '../../../src/core';
import { printedText } from '../../server/printedText';
import { untilStatus } from '../../server/untilStatus';

// Messages of a dialect are whatever the dialect says.
// eslint-disable-next-line typescript/no-explicit-any
type Any = any;

/** The client of this package in Node, speaking to a dialect's server, with everything it told. */
export interface DialectClient {
  readonly socket: AuthSocket<Any, Any>;
  readonly messages: readonly Any[];
  readonly ends: readonly { reason: string; by: string }[];
  readonly errors: readonly Error[];
  readonly calls: readonly TokenRequest[];
  /** All that a log or a crash reporter would have written. */
  readonly printed: readonly string[];
  /** Resolves when the status is as wanted; rejects with the last one after 10 s. */
  until(isMet: (status: SocketStatus) => boolean): Promise<void>;
}

export const isOpen = ({ link }: SocketStatus): boolean => link === 'open';

/** Makes a client and connects it; it is destroyed when the test ends. */
export function connectDialect(options: AuthSocketOptions<Any, Any>): DialectClient {
  const messages: Any[] = [];
  const ends: { reason: string; by: string }[] = [];
  const errors: Error[] = [];
  const calls: TokenRequest[] = [];
  const printed: string[] = [];
  const { getToken } = options;
  const socket = createAuthSocket<Any, Any>({
    platform: { WebSocket: WebSocket as unknown as Platform['WebSocket'] },
    onTrace: event => printed.push(JSON.stringify(event)),
    onSessionExpired: end => ends.push(end),
    ...options,
    ...(typeof getToken === 'function' && {
      getToken: (request: TokenRequest) => {
        calls.push(request);
        return getToken(request);
      },
    }),
    onError(error) {
      errors.push(error);
      printed.push(printedText(error));
      options.onError?.(error);
    },
  });
  onTestFinished(() => socket.destroy());
  socket.subscribe(() => printed.push(JSON.stringify(socket.getStatus())));
  socket.onMessage(message => messages.push(message));
  socket.connect();
  return { socket, messages, ends, errors, calls, printed, until: isMet => untilStatus(socket, isMet) };
}

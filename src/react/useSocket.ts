import type { SocketStatus } from '../machine/snapshot';
import type { ByTopic, OpenEvent, Topic } from '../runtime/authSocket';
import {
  AuthSocketContext,
  useSocketOf,
  type RegisteredIn,
  type RegisteredOut,
  type RegisteredSocket,
} from './context';
import type { AuthFetch, AuthFetchOptions } from '../runtime/authFetch';
import type { ConnectionNotice, ConnectionNoticeOptions } from './connectionNotice';
import { useAuthFetchOf } from './useAuthFetch';
import { useTokenOf, type AuthToken } from './useAuthToken';
import { useConnectionNoticeOf } from './useConnectionNotice';
import { useMessagesOf, useOpenOf } from './useSocketMessage';
import { useStateOf, type SocketStateOptions } from './useSocketState';
import { useStatusOf, whole } from './useSocketStatus';

/** The client of the provider above; the same object for ever. Never renders. */
export function useSocket(): RegisteredSocket {
  return useSocketOf(AuthSocketContext, 'useSocket') as RegisteredSocket;
}

/** The status, or a selection of it; renders when that changes. */
export function useSocketStatus(): SocketStatus;
export function useSocketStatus<S>(select: (status: SocketStatus) => S, isEqual?: (a: S, b: S) => boolean): S;
export function useSocketStatus<S>(
  select: (status: SocketStatus) => S | SocketStatus = whole,
  isEqual?: (a: S | SocketStatus, b: S | SocketStatus) => boolean,
): S | SocketStatus {
  return useStatusOf(useSocketOf(AuthSocketContext, 'useSocketStatus'), select, isEqual);
}

/** Calls the handler of the latest render with every message, or with those of one topic. Never renders. */
export function useSocketMessage(handler: (message: RegisteredIn) => void): void;
export function useSocketMessage<T extends Topic<RegisteredIn> | (string & {})>(
  handler: (message: ByTopic<RegisteredIn, T>) => void,
  options: { topic: T },
): void;
export function useSocketMessage(handler: (message: never) => void, options?: { topic: string }): void {
  useMessagesOf(
    useSocketOf(AuthSocketContext, 'useSocketMessage'),
    handler as (message: RegisteredIn) => void,
    options?.topic,
  );
}

/** Runs on every authenticated link, replacements included, before queued messages leave. Never renders. */
export function useSocketOpen(handler: (event: OpenEvent<RegisteredOut>) => void): void {
  useOpenOf(useSocketOf(AuthSocketContext, 'useSocketOpen'), handler);
}

/** State that every message from mounting on is reduced into, in order; renders once a batch. */
export function useSocketState<S>(
  reduce: (state: S, batch: readonly RegisteredIn[]) => S,
  initial: S | (() => S),
  options?: SocketStateOptions,
): S {
  return useStateOf(useSocketOf(AuthSocketContext, 'useSocketState'), reduce, initial, options);
}

/** The session and a way to its token; renders when session or expiry changes. Never holds the token itself. */
export function useAuthToken(): AuthToken {
  return useTokenOf(useSocketOf(AuthSocketContext, 'useAuthToken'));
}

/**
 * `fetch` with the session's token, for the page's own origin and `origins` only; one silent repeat after a 401. The same
 * function from render to render. Never renders.
 */
export function useAuthFetch(options?: AuthFetchOptions): AuthFetch {
  return useAuthFetchOf(useSocketOf(AuthSocketContext, 'useAuthFetch'), options);
}

/**
 * What a banner has to tell the user about the connection, or null; renders when it changes, at most once in `minShownMs`.
 *
 * Nothing for a blip, at a wake or while the page starts: that the link is missing is told when `lost` says so. Nothing
 * either while nobody wants a link (`disconnect()`, `enabled={false}`) or nobody is signed in (`sessionKey: null`). null on
 * a server and while hydrating.
 */
export function useConnectionNotice(options?: ConnectionNoticeOptions): ConnectionNotice | null {
  return useConnectionNoticeOf(useSocketOf(AuthSocketContext, 'useConnectionNotice'), options);
}

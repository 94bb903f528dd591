import * as React from 'react';
import type { SocketStatus } from '../machine/snapshot';
import type { AuthSocket, ByTopic, OpenEvent, Topic } from '../runtime/authSocket';
import { useProvider, type AuthSocketProviderProps } from './AuthSocketProvider';
import { useSocketOf } from './context';
import type { AuthFetch, AuthFetchOptions } from '../runtime/authFetch';
import type { ConnectionNotice, ConnectionNoticeOptions } from './connectionNotice';
import { useAuthFetchOf } from './useAuthFetch';
import { useTokenOf, type AuthToken } from './useAuthToken';
import { useConnectionNoticeOf } from './useConnectionNotice';
import { useMessagesOf, useOpenOf } from './useSocketMessage';
import { useStateOf, type SocketStateOptions } from './useSocketState';
import { useStatusOf, whole } from './useSocketStatus';

/** Provider and hooks on a context of their own: for several sockets on a page. */
export interface AuthSocketContextHooks<In, Out> {
  AuthSocketProvider(props: AuthSocketProviderProps<In, Out>): React.ReactElement;
  useSocket(): AuthSocket<In, Out>;
  useSocketStatus(): SocketStatus;
  useSocketStatus<S>(select: (status: SocketStatus) => S, isEqual?: (a: S, b: S) => boolean): S;
  useSocketMessage(handler: (message: In) => void): void;
  useSocketMessage<T extends Topic<In> | (string & {})>(
    handler: (message: ByTopic<In, T>) => void,
    options: { topic: T },
  ): void;
  useSocketOpen(handler: (event: OpenEvent<Out>) => void): void;
  useSocketState<S>(
    reduce: (state: S, batch: readonly In[]) => S,
    initial: S | (() => S),
    options?: SocketStateOptions,
  ): S;
  useAuthToken(): AuthToken;
  useAuthFetch(options?: AuthFetchOptions): AuthFetch;
  useConnectionNotice(options?: ConnectionNoticeOptions): ConnectionNotice | null;
}

/** Makes a provider and hooks that know nothing of the default ones: call it once, in a module, for each further socket. */
export function createAuthSocketContext<In = unknown, Out = unknown>(): AuthSocketContextHooks<In, Out> {
  const context = React.createContext<AuthSocket<In, Out> | null>(null);
  return {
    AuthSocketProvider: props => useProvider(context, props),
    useSocket: () => useSocketOf(context, 'useSocket'),
    useSocketStatus: <S>(
      select: (status: SocketStatus) => S | SocketStatus = whole,
      isEqual?: (a: S | SocketStatus, b: S | SocketStatus) => boolean,
    ) => useStatusOf(useSocketOf(context, 'useSocketStatus'), select, isEqual) as never,
    useSocketMessage: (handler: (message: never) => void, options?: { topic: string }) =>
      useMessagesOf(
        useSocketOf(context, 'useSocketMessage'),
        handler as (message: In) => void,
        options?.topic,
      ),
    useSocketOpen: handler => useOpenOf(useSocketOf(context, 'useSocketOpen'), handler),
    useSocketState: (reduce, initial, options) =>
      useStateOf(useSocketOf(context, 'useSocketState'), reduce, initial, options),
    useAuthToken: () => useTokenOf(useSocketOf(context, 'useAuthToken')),
    useAuthFetch: options => useAuthFetchOf(useSocketOf(context, 'useAuthFetch'), options),
    useConnectionNotice: options =>
      useConnectionNoticeOf(useSocketOf(context, 'useConnectionNotice'), options),
  };
}

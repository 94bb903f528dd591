'use client';
export * from './core';
export { AuthSocketProvider } from './react/AuthSocketProvider';
export type { AuthSocketProviderProps } from './react/AuthSocketProvider';
export type { ConnectionNotice, ConnectionNoticeOptions } from './react/connectionNotice';
export type { Register } from './react/context';
export { createAuthSocketContext } from './react/createAuthSocketContext';
export type { AuthSocketContextHooks } from './react/createAuthSocketContext';
export {
  useAuthFetch,
  useAuthToken,
  useConnectionNotice,
  useSocket,
  useSocketMessage,
  useSocketOpen,
  useSocketState,
  useSocketStatus,
} from './react/useSocket';
export type { AuthToken } from './react/useAuthToken';
export type { SocketStateOptions } from './react/useSocketState';

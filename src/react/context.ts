import * as React from 'react';
import { AuthSocketError } from '../machine/errors';
import type { AuthSocket } from '../runtime/authSocket';

/**
 * Types the default hooks: `declare module 'react-auth-socket' { interface Register { socket: typeof socket } }`.
 */
export interface Register {}

/** The client of the default provider, as `Register` has it. */
// eslint-disable-next-line typescript/no-explicit-any -- any client will do
export type RegisteredSocket = Register extends { socket: infer S extends AuthSocket<any, any> }
  ? S
  : AuthSocket;

/** What the client of the default provider receives. */
export type RegisteredIn = RegisteredSocket extends AuthSocket<infer In, infer _> ? In : unknown;
/** What the client of the default provider sends. */
export type RegisteredOut = RegisteredSocket extends AuthSocket<infer _, infer Out> ? Out : unknown;

export type SocketContext<In, Out> = React.Context<AuthSocket<In, Out> | null>;

/** The client of the nearest provider of this context. */
export function useSocketOf<In, Out>(context: SocketContext<In, Out>, hook: string): AuthSocket<In, Out> {
  const socket = React.useContext(context);
  if (!socket)
    throw new AuthSocketError('no-provider', `${hook} needs an <AuthSocketProvider> above it in the tree.`);
  return socket;
}

export const AuthSocketContext: SocketContext<RegisteredIn, RegisteredOut> = React.createContext<AuthSocket<
  RegisteredIn,
  RegisteredOut
> | null>(null);
AuthSocketContext.displayName = 'AuthSocket';

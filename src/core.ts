export { AuthSocketError, isAuthSocketError } from './machine/errors';
export type { AuthSocketErrorCode } from './machine/errors';
export type { SocketStatus, StopReason } from './machine/snapshot';
export { signedIn, signedOut, tokenRejected, unavailable } from './machine/tokenAnswer';
export type {
  SignedIn,
  SignedOut,
  TokenAnswer,
  TokenGrant,
  TokenRejected,
  Unavailable,
} from './machine/tokenAnswer';
export type { Verdict } from './machine/verdict';
export { jsonProtocol } from './protocols/jsonProtocol';
export type { JsonProtocolOptions } from './protocols/jsonProtocol';
export type {
  Carrier,
  CloseFacts,
  DialAnswer,
  Frame,
  Inbound,
  Judgement,
  Outbound,
  SocketProtocol,
} from './protocols/protocol';
export type { SchemaIssue, SchemaResult, StandardSchema } from './protocols/standardSchema';
export { createAuthFetch } from './runtime/authFetch';
export type { AuthFetch, AuthFetchOptions } from './runtime/authFetch';
export { createAuthSocket } from './runtime/authSocket';
export type { AuthSocket, ByTopic, OpenEvent, Topic } from './runtime/authSocket';
export type { AuthSocketOptions } from './runtime/options';
export type { Clock, Lock, Page, PageSignal, Platform, TabChannel, Tabs } from './runtime/ports';
export { tokenEndpoint } from './runtime/tokenEndpoint';
export type { TokenEndpointOptions } from './runtime/tokenEndpoint';
export type { GetToken, TokenRequest, TokenSource } from './runtime/tokenSource';
export type { TraceEvent } from './runtime/trace';

import type { AuthSocketError } from '../machine/errors';
import type { Carrier, SocketProtocol } from '../protocols/protocol';
import type { AuthSocketOptions } from '../runtime/options';
import type { Platform } from '../runtime/ports';
import type { TokenSource } from '../runtime/tokenSource';

type SessionOptions = Pick<
  AuthSocketOptions,
  | 'initialToken'
  | 'sessionKey'
  | 'tabs'
  | 'tokenAudience'
  | 'refreshLeadMs'
  | 'reconnect'
  | 'onSessionExpired'
  | 'onTrace'
>;

/** Whose credential the sockets present, and how. The options of the session count where `getToken` is no client. */
export interface AuthWebSocketOptions extends SessionOptions {
  /**
   * A client of yours (`createAuthSocket`, `useSocket()`): its session is shared. Any other source, or none where
   * `cookie()` or `ticket()` need none: the sockets have a session of their own, which is kept up while one of them is.
   */
  getToken?: TokenSource;
  /**
   * `ticket()`, `subprotocol()` or `cookie()`. Leave it out where the library itself presents the token, as graphql-ws
   * does in `connectionParams`: the token is still fetched before the dial. `firstMessage()` is refused: the frames are
   * the library's.
   */
  carrier?: Carrier;
  /**
   * What a close says about the token. After 'expired' and 'revoked' it is refreshed before the next dial; 'ambiguous'
   * does so once.
   *
   * @default closeTable({ 4401: 'expired', 4403: 'revoked' })
   */
  close?: SocketProtocol['judgeClose'];
  /** Of the token call, of the ticket, and of the handshake, each. @default 10_000 */
  timeouts?: { tokenMs?: number; dialMs?: number };
  /** Something the application did or got was wrong. A throw here is ignored. */
  onError?: (error: AuthSocketError) => void;
  /** false: ws:// off loopback makes the constructor throw a SecurityError. @default false */
  allowInsecure?: boolean;
  /** `WebSocket` is the class that is dialled with. */
  platform?: Partial<Platform>;
}

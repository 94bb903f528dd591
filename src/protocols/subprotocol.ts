import { AuthSocketError } from '../machine/errors';
import type { Carrier } from './protocol';

/** Options of `subprotocol()`. */
export interface SubprotocolOptions {
  /** The protocol that both sides speak: offered beside the token, and the only one that the server echoes. */
  accept: string;
  /** Stands before the encoded token. @default 'bearer.' */
  prefix?: string;
}

/**
 * A `token` of HTTP: what a subprotocol may be made of.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-4.1
 */
const httpToken = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The token travels in `Sec-WebSocket-Protocol`, the one header that a page can set: as `<prefix><base64url>` behind the
 * protocol that both sides speak. The server checks the token during the handshake and echoes `accept` alone.
 *
 * The token is in no URL; proxies that log headers can see it. A signed-in session without a token offers `accept` only.
 */
export function subprotocol({ accept, prefix = 'bearer.' }: SubprotocolOptions): Carrier {
  for (const [name, value] of Object.entries({ accept, prefix }))
    if (typeof value !== 'string' || !httpToken.test(value)) throw invalid(name);
  return {
    waitsForReady: false,
    prepare: ({ url, token }) => ({
      url,
      protocols: token === null ? [accept] : [accept, prefix + base64url(token)],
    }),
  };
}

/** Base64 in the alphabet that fits into headers and URLs, without padding. */
function base64url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const base64 = btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
  return base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function invalid(name: string): AuthSocketError {
  return new AuthSocketError(
    'invalid-option',
    `subprotocol: ${name} must be made of letters, digits and !#$%&'*+-.^_\`|~ only.`,
  );
}

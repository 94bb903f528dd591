import type { Carrier } from './protocol';

/**
 * The browser's own cookie is the credential; it travels in the handshake, and the link is ready when it is open.
 *
 * The cookie has to be `Secure`, `HttpOnly` and `SameSite`, and the server has to check `Origin`: a page of somebody
 * else's can open a socket that carries it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-10.2
 */
export function cookie(): Carrier {
  return { waitsForReady: false };
}

import { AuthSocketError } from '../machine/errors';

/** Parts of an address that are shorter than this are words, not secrets. */
const SHORTEST_SECRET = 8;

/**
 * Throws an 'invalid-option' for a URL that carries the access token: proxies, logs and the browser's own console
 * write URLs down, and such a token is good for longer than one handshake.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-5.3
 */
export function refuseTokenIn(url: URL, token: string | null): void {
  if (token !== null && partsOf(url).includes(token)) {
    throw new AuthSocketError(
      'invalid-option',
      'The URL carries the access token, and URLs are logged: use firstMessage(), subprotocol() or ticket().',
    );
  }
}

/** What `prepare` added to an address, such as a ticket: no text of ours may repeat it. */
export function secretsOf(answer: { url: URL; protocols?: string[] }, target: URL): string[] {
  const known = partsOf(target);
  const added = [...partsOf(answer.url), ...(answer.protocols ?? [])];
  return added.filter(part => part.length >= SHORTEST_SECRET && !known.includes(part));
}

/** As they are meant, and as they are written: a server may quote its address either way. */
function partsOf({ searchParams, search, pathname, username, password }: URL): string[] {
  const values = search.split('&').map(pair => pair.slice(pair.indexOf('=') + 1));
  const written = [...values, ...pathname.split('/'), username, password];
  return [...written, ...[...searchParams.values(), ...written].map(decoded)];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

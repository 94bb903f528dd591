import { AuthSocketError } from '../machine/errors';

/** The options that say where to dial. */
interface DialOptions {
  url?: string | URL | (() => string | URL);
  allowedOrigins?: string[];
  allowInsecure?: boolean;
}

/** Where the next dial goes, read afresh each time; throws an 'invalid-option' for where no token may go. */
export function dialUrl(options: () => DialOptions, base: string | undefined): () => URL {
  let firstOrigin: string | null = null;
  return () => {
    const { url, allowedOrigins = [], allowInsecure } = options();
    const target = parseDialUrl(typeof url === 'function' ? url() : url, base);
    if (typeof url === 'function') {
      firstOrigin ??= target.origin;
      const allowed = [firstOrigin, ...allowedOrigins];
      if (!allowed.some(origin => origin.replace(/^http/, 'ws') === target.origin)) {
        throw new AuthSocketError('invalid-option', 'url named an origin that is not in allowedOrigins.');
      }
    }
    if (isExposed(target) && !allowInsecure)
      throw invalidUrl('must be wss: off this machine (or set allowInsecure)');
    return target;
  };
}

/** A URL that a WebSocket can be opened with, or a TypeError that says what is wrong. */
function parseDialUrl(value: unknown, base: string | undefined): URL {
  const text = String(value);
  const isPath = text.startsWith('/');
  let url: URL | null = null;
  try {
    url = new URL(text, isPath ? base : undefined);
  } catch {
    // Reported below, in words of ours.
  }
  if (!url || !url.hostname || !/^(ws|http)s?:$/.test(url.protocol) || /^\w+:(\/?[^/]|$)/.test(text)) {
    throw invalidUrl('must be a ws(s) or http(s) URL, or a path that starts with "/"');
  }
  if (url.hash || text.endsWith('#')) throw invalidUrl('must not have a fragment');
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}

/** Checks the form of `url`; where a path leads is known only when it is dialled. */
export function checkUrlOption(value: unknown): void {
  if (typeof value !== 'function' && value !== undefined) parseDialUrl(value, 'http://localhost');
}

/**
 * Is the wire readable by others on the way? Loopback never leaves the machine.
 *
 * @see https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy
 */
function isExposed(url: URL): boolean {
  return url.protocol === 'ws:' && !isLoopback(url);
}

/** This machine, whose wire nobody else reads. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function invalidUrl(what: string): AuthSocketError {
  return new AuthSocketError('invalid-option', `url ${what}.`);
}

/** Where the tokens of a client are good for, as far as it is known when it is made: the origin of `url`, else the page's. */
export function originOf(url: DialOptions['url'], base: string | undefined): string {
  try {
    const target = new URL(typeof url === 'function' || url === undefined ? (base ?? '') : String(url), base);
    // wss: and https: of one host are one server.
    return target.origin.replace(/^ws/, 'http');
  } catch {
    return '';
  }
}

import { demandOption } from '../machine/demandOption';

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
      const isAllowed = allowed.some(origin => origin.replace(/^http/, 'ws') === target.origin);
      demandOption(isAllowed, 'url', 'of an origin in allowedOrigins');
    }
    demandOption(
      !isExposed(target) || allowInsecure === true,
      'url',
      'wss: off this machine (or set allowInsecure)',
    );
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
  demandOption(
    url !== null &&
      url.hostname !== '' &&
      /^(ws|http)s?:$/.test(url.protocol) &&
      !/^\w+:(\/?[^/]|$)/.test(text),
    'url',
    'a ws(s) or http(s) URL, or a path that starts with "/"',
  );
  demandOption(!url.hash && !text.endsWith('#'), 'url', 'without a fragment');
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

/**
 * What the standard checks before anything is done.
 *
 * @see https://websockets.spec.whatwg.org/#the-websocket-interface
 */

/** Characters of an HTTP token. */
const subprotocol = /^[\w!#$%&'*+.^`|~-]+$/;

/** The limit of a close frame: 125 bytes, of which the code takes two. */
const MAX_REASON_BYTES = 123;

/** The address that a page means by `url`: http stands for ws, a fragment is not allowed, not even an empty one. */
export function socketUrl(url: string | URL, base: string | undefined): string {
  let target: URL | null = null;
  try {
    target = new URL(String(url), base);
    target.protocol = target.protocol.replace(/^http/, 'ws');
  } catch {
    // Said below, as for every other address that cannot be dialled.
  }
  if (target && /^wss?:/.test(target.href) && !target.href.includes('#')) return target.href;
  throw new DOMException('The URL must be ws(s) or http(s), and without a fragment.', 'SyntaxError');
}

/** The subprotocols to offer: one, or a list. */
export function socketProtocols(protocols: unknown): string[] {
  const isList = typeof protocols === 'object' && protocols !== null && Symbol.iterator in protocols;
  const offered = isList ? Array.from(protocols as Iterable<unknown>, String) : [String(protocols)];
  if (new Set(offered).size === offered.length && offered.every(name => subprotocol.test(name)))
    return offered;
  throw new DOMException('A subprotocol is not allowed, or named twice.', 'SyntaxError');
}

/** What was given to `close()`, and nothing else: a browser counts its arguments. */
export type CloseArguments = [code?: number, reason?: string];

/**
 * The arguments of `close()`, as they go into the frame.
 *
 * Browsers cut a fraction off a code, and take a reason without a code as misuse.
 */
export function closeArguments(code: number | undefined, reason: string | undefined): CloseArguments {
  const sent = code === undefined ? undefined : Math.trunc(Number(code)) || 0;
  const isAllowed =
    sent === undefined ? reason === undefined : sent === 1000 || (sent >= 3000 && sent <= 4999);
  if (!isAllowed) {
    throw new DOMException('The code must be 1000, or between 3000 and 4999.', 'InvalidAccessError');
  }
  if (reason !== undefined && frameSize(String(reason)) > MAX_REASON_BYTES) {
    throw new DOMException(`The reason must not be longer than ${MAX_REASON_BYTES} bytes.`, 'SyntaxError');
  }
  if (sent === undefined) return [];
  return reason === undefined ? [sent] : [sent, String(reason)];
}

/** What may be sent; everything else is made a text. */
export type SocketData = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;

/** Recognised by their name: a page has several realms, each with an `ArrayBuffer` of its own. */
const binary = /^\[object (?:(?:Shared)?ArrayBuffer|Blob|File)\]$/;

export function socketData(data: unknown): SocketData {
  const isBinary = ArrayBuffer.isView(data) || binary.test(Object.prototype.toString.call(data));
  return isBinary ? (data as SocketData) : String(data);
}

/** Its bytes on the wire, without the frame around them. */
export function frameSize(data: SocketData): number {
  if (typeof data === 'string') return new TextEncoder().encode(data).length;
  return 'size' in data ? data.size : data.byteLength;
}

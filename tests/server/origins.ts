import type { IncomingMessage } from 'node:http';

const LOOPBACK_ORIGIN = /^https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/;

/** Which pages may call this server with credentials. */
export class Origins {
  readonly #allowed: readonly string[] | undefined;

  constructor(allowed: readonly string[] | undefined) {
    this.#allowed = allowed;
  }

  /** A request without Origin comes from no page and is fine. */
  isAllowed(origin: string | undefined): boolean {
    if (origin === undefined) return true;
    return this.#allowed ? this.#allowed.includes(origin) : LOOPBACK_ORIGIN.test(origin);
  }

  /** The CORS headers for an allowed origin. */
  headers(origin: string | undefined): Record<string, string> {
    if (origin === undefined || !this.isAllowed(origin)) return {};
    return {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-expose-headers': 'retry-after',
      vary: 'origin',
    };
  }
}

/** The origin of the page that sent a request; null: no page did. A GET to its own origin says so in `Referer` only. */
export function pageOrigin({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  if (headers.origin !== undefined) return headers.origin;
  return headers.referer !== undefined && URL.canParse(headers.referer)
    ? new URL(headers.referer).origin
    : null;
}

/** Whether the other end of a connection is this machine. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && /^(?:::ffff:)?127\.|^::1$/.test(address);
}

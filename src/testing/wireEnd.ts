/** How a link ended, as a `CloseEvent` says it. */
export interface WireEnd {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** An `error` event comes first. */
  readonly isError: boolean;
}

/** The handshake came to nothing, or the browser gave the link up over what it was sent. */
export const FAILED: WireEnd = { code: 1006, reason: '', wasClean: false, isError: true };

/** The connection was reset under an open link: no `error` comes first. */
export const BROKEN: WireEnd = { ...FAILED, isError: false };

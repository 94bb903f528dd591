/**
 * What a close code, a reason or a frame of the server means for the link and its token.
 *
 * A verdict never ends a session: at most it makes us ask the token source once more.
 */
export type Verdict =
  /** The token lapsed: refresh it, then open a new link at once. */
  | 'expired'
  /** The server withdrew the token: ask the token source once more; it decides. */
  | 'revoked'
  /** Stop the link, keep the session. */
  | 'forbidden'
  /** Back off without a refresh. */
  | 'limit'
  /** The server is leaving: reconnect after a jittered wait. */
  | 'going-away'
  /** We do not speak the same language: stop and report. */
  | 'protocol'
  /** Another connection took this one's place: stop this tab. */
  | 'taken-over'
  /** The server did not say (1005, 1006, a bare 1008, an unknown 4xxx). */
  | 'ambiguous';

/** Of environments without one: Node has `CloseEvent` since version 23. */
class OwnCloseEvent extends Event {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;

  constructor({ code, reason, wasClean }: Required<Pick<CloseEventInit, 'code' | 'reason' | 'wasClean'>>) {
    super('close');
    this.code = code;
    this.reason = reason;
    this.wasClean = wasClean;
  }
}

/** The last event of a socket. */
export function closeEvent(code: number, reason: string, wasClean: boolean): CloseEvent {
  const facts = { code, reason, wasClean };
  return typeof CloseEvent === 'function' ? new CloseEvent('close', facts) : new OwnCloseEvent(facts);
}

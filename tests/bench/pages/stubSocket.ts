/** The parts of a `WebSocket` that clients of these pages touch, without a network behind it. */
export class StubSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  /** Every socket of this page, oldest first. */
  static readonly made: StubSocket[] = [];

  readyState = StubSocket.CONNECTING;
  binaryType = 'blob';
  bufferedAmount = 0;
  onopen: ((event: unknown) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  onclose: ((event: unknown) => void) | null = null;

  constructor(readonly url: string) {
    StubSocket.made.push(this);
    setTimeout(() => {
      if (this.readyState !== StubSocket.CONNECTING) return;
      this.readyState = StubSocket.OPEN;
      this.onopen?.({ type: 'open' });
    });
  }

  /** Whoever presents a token is welcome; every other frame stays without an answer. */
  send(text: string): void {
    if (!text.startsWith('{"type":"auth"')) return;
    setTimeout(() => this.onmessage?.({ data: '{"type":"auth_ok","expires_in":3600}' }));
  }

  close(): void {
    if (this.readyState === StubSocket.CLOSED) return;
    this.readyState = StubSocket.CLOSED;
    setTimeout(() => this.onclose?.({ type: 'close', code: 1000, reason: '', wasClean: true }));
  }
}

/** From here on, `WebSocket` in this page is a stub. */
export function stubWebSocket(): void {
  window.WebSocket = StubSocket as unknown as typeof WebSocket;
}

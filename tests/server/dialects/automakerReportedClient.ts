import { WebSocket } from 'ws';

export interface AutomakerReportedClientOptions {
  /** `http://127.0.0.1:<port>` */
  serverUrl: string;
  /** With the cookie of the session. */
  fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** The session that a fresh login left in memory; without one, as after a reload, the cookie alone counts. */
  sessionToken?: string;
  /** @default 5_000 */
  reconnectMs?: number;
  /** What happened, in a few words. */
  onStep?(step: string): void;
  onEvent?(type: string, payload: unknown): void;
}

const OPEN = 1;

/**
 * A client that behaves as automaker's own was reported and read to: the failure of Problem 1.
 *
 * - It fetches a ticket before each attempt; whatever that brings, it connects, without a ticket if need be.
 * - A 401 or 403 from anybody on the way makes it post the logout, which ends the 30-day session.
 * - It waits five seconds, always. It has no heartbeat and listens to no event of the page.
 *
 * Its handshakes carry no cookie, as where page and server are of two sites; with one the server would not look at the
 * ticket.
 *
 * @see https://github.com/AutoMaker-Org/automaker/issues/350
 * @see https://github.com/AutoMaker-Org/automaker/blob/main/apps/ui/src/lib/http-api-client.ts
 */
export class AutomakerReportedClient {
  readonly #options: AutomakerReportedClientOptions;
  #sessionToken: string | undefined;
  #socket: WebSocket | null = null;
  #reconnect: NodeJS.Timeout | undefined;
  #isConnecting = false;
  #isDestroyed = false;
  /** Times that the page was told to show itself as logged out. */
  loggedOut = 0;

  constructor(options: AutomakerReportedClientOptions) {
    this.#options = options;
    this.#sessionToken = options.sessionToken;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === OPEN;
  }

  async connect(): Promise<void> {
    if (this.#isConnecting || this.isOpen || this.#isDestroyed) return;
    this.#isConnecting = true;
    const ticket = await this.#fetchTicket();
    if (!this.#isDestroyed) this.#establish(ticket);
  }

  destroy(): void {
    this.#isDestroyed = true;
    clearTimeout(this.#reconnect);
    this.#socket?.terminate();
  }

  async #fetchTicket(): Promise<string | null> {
    try {
      const headers: Record<string, string> = { 'content-type': 'application/json' };
      if (this.#sessionToken) headers['x-session-token'] = this.#sessionToken;
      const answer = await this.#options.fetch(`${this.#options.serverUrl}/api/auth/token`, { headers });
      this.#tell(`ticket endpoint: ${answer.status}`);
      if (answer.status === 401 || answer.status === 403) {
        this.#endSession();
        return null;
      }
      if (!answer.ok) return null;
      const { token } = (await answer.json()) as { token?: string };
      return token ?? null;
    } catch {
      this.#tell('ticket endpoint: no ticket');
      return null;
    }
  }

  #endSession(): void {
    this.#sessionToken = undefined;
    const logout = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    this.#options.fetch(`${this.#options.serverUrl}/api/auth/logout`, logout).catch(() => {});
    this.#tell('posts /api/auth/logout and shows the login page');
    this.loggedOut += 1;
  }

  #establish(ticket: string | null): void {
    const address = `${this.#options.serverUrl.replace(/^http/, 'ws')}/api/events`;
    if (ticket === null) this.#tell('connects without a ticket');
    const socket = new WebSocket(ticket === null ? address : `${address}?wsToken=${ticket}`);
    this.#socket = socket;
    socket.on('open', () => {
      this.#isConnecting = false;
      this.#tell('open');
    });
    socket.on('message', data => {
      const { type, payload } = JSON.parse((data as Buffer).toString()) as {
        type: string;
        payload?: unknown;
      };
      this.#options.onEvent?.(type, payload);
    });
    socket.on('error', () => (this.#isConnecting = false));
    socket.on('close', code => {
      this.#isConnecting = false;
      this.#socket = null;
      if (this.#isDestroyed) return;
      const waitMs = this.#options.reconnectMs ?? 5_000;
      this.#tell(`closed with ${code}, waits`);
      this.#reconnect ??= setTimeout(() => {
        this.#reconnect = undefined;
        void this.connect();
      }, waitMs);
    });
  }

  #tell(step: string): void {
    if (!this.#isDestroyed) this.#options.onStep?.(step);
  }
}

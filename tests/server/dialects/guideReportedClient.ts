import type { Platform } from '../../../src/core';

export interface GuideReportedClientOptions {
  url: string;
  /** The token that the page was loaded with, and when it ends on this machine's clock. */
  token: string;
  expiresAt: number;
  /** The refresh leaves so long before the end. @default 60_000 */
  leadMs?: number;
  /** Wait before a reconnect, where there is one. @default 1_000 */
  reconnectMs?: number;
  refresh(): Promise<string>;
  WebSocket: Platform['WebSocket'];
  navigate(path: string): void;
}

const POLICY_VIOLATION = 1008;

/**
 * A client that behaves as the guide "WebSocket 1008 policy violation: authentication expired" has it: the failure of
 * Problem 3.
 *
 * - The timer of the refresh is armed once, for the first token. `auth_ok` and `auth_expiring_soon` are not read.
 * - The new token is sent whatever the state of the socket: one that is connecting throws, one that is closed swallows.
 * - A refresh that fails is a rejection that nobody handles. It is caught and counted here, for the sake of the test run.
 * - Every 1008 leads to the login page, whatever its reason.
 */
export class GuideReportedClient {
  /** Rejections and errors that a page would have printed as uncaught. */
  uncaught = 0;
  readonly #options: GuideReportedClientOptions;
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #reconnect: NodeJS.Timeout | undefined;

  constructor(options: GuideReportedClientOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === 1;
  }

  start(): void {
    const { expiresAt, leadMs = 60_000 } = this.#options;
    this.#timer = setTimeout(() => void this.#renew(), expiresAt - leadMs - Date.now());
    this.#connect();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#reconnect);
    if (this.#socket) this.#socket.onclose = null;
    this.#socket?.close();
  }

  #connect(): void {
    const { url, token, reconnectMs = 1_000, navigate } = this.#options;
    const socket = new this.#options.WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: 'auth', token }));
    socket.onclose = ({ code }) => {
      if (code === POLICY_VIOLATION) navigate('/login');
      else this.#reconnect = setTimeout(() => this.#connect(), reconnectMs);
    };
  }

  async #renew(): Promise<void> {
    try {
      const token = await this.#options.refresh();
      this.#socket?.send(JSON.stringify({ type: 'auth_refresh', token }));
    } catch {
      this.uncaught += 1;
    }
  }
}

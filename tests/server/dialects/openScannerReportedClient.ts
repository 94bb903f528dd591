import type { Platform } from '../../../src/core';

export interface OpenScannerReportedClientOptions {
  url: string;
  /** The token of this tab. */
  token: string;
  refresh(): Promise<string>;
  WebSocket: Platform['WebSocket'];
  /** First wait before a reconnect; it doubles up to 30 times that. @default 1_000 */
  reconnectMs?: number;
  /** Closes whatever socket it replaces, as it did before #31. @default false */
  closesEverySocket?: boolean;
  onSignedOut(): void;
  onMessage?(frame: unknown): void;
}

const CONNECTING = 0;
const OPEN = 1;

/**
 * A client that behaves as the admin client of OpenScanner was reported and measured to: the failure of Problem 2.
 *
 * - Every expired frame starts a refresh of its own; the close behind it schedules a reconnect with the old token.
 * - The wait starts over in `onopen`, before the server has judged the token.
 * - A new token opens a socket at once and leaves the scheduled reconnect standing.
 * - A refresh that fails, for whatever reason, ends the login.
 *
 * @see https://github.com/revtex/OpenScanner/pull/31
 * @see https://github.com/revtex/OpenScanner/blob/main/frontend/src/services/ws/adminClient.ts
 */
export class OpenScannerReportedClient {
  readonly #options: OpenScannerReportedClientOptions;
  readonly #firstWaitMs: number;
  #token: string | null;
  #socket: WebSocket | null = null;
  #reconnect: NodeJS.Timeout | undefined;
  #waitMs: number;

  constructor(options: OpenScannerReportedClientOptions) {
    this.#options = options;
    this.#token = options.token;
    this.#firstWaitMs = options.reconnectMs ?? 1_000;
    this.#waitMs = this.#firstWaitMs;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === OPEN;
  }

  get isSignedIn(): boolean {
    return this.#token !== null;
  }

  connect(): void {
    this.#letGo();
    const socket = new this.#options.WebSocket(this.#options.url);
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify([this.#token]));
      this.#waitMs = this.#firstWaitMs;
    };
    socket.onmessage = ({ data }) => this.#read(JSON.parse(data as string));
    socket.onclose = () => this.#scheduleReconnect();
  }

  disconnect(): void {
    clearTimeout(this.#reconnect);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #read(frame: unknown): void {
    const name: unknown = Array.isArray(frame) ? frame[0] : (frame as { type?: unknown }).type;
    if (name === 'XPR' || name === 'session.expired') void this.#renew();
    else this.#options.onMessage?.(frame);
  }

  async #renew(): Promise<void> {
    try {
      this.#token = await this.#options.refresh();
    } catch {
      this.disconnect();
      if (this.#token !== null) this.#options.onSignedOut();
      this.#token = null;
      return;
    }
    this.connect();
  }

  /** Detaches the socket that is about to be replaced. */
  #letGo(): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (socket.readyState === CONNECTING && !this.#options.closesEverySocket) {
      socket.onopen = () => socket.close();
    } else socket.close();
  }

  #scheduleReconnect(): void {
    clearTimeout(this.#reconnect);
    const waitMs = this.#waitMs * (1 + Math.random() * 0.3);
    this.#reconnect = setTimeout(() => this.connect(), Math.min(waitMs, 30 * this.#firstWaitMs));
    this.#waitMs = Math.min(this.#waitMs * 2, 30 * this.#firstWaitMs);
  }
}

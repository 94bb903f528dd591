import { record } from '../harness/pageLog';

export type FetchToken = (options: { forceRefreshToken: boolean }) => Promise<string | null>;

export interface PlainLinkOptions {
  url: string;
  scale: number;
  onMessage: (message: unknown) => void;
  onOpenChange: (isOpen: boolean) => void;
}

/**
 * The way a Convex client keeps a socket authenticated, spoken to our server: a token is fetched for the first link,
 * again some seconds before it expires, and again when the server refuses it. No token means: nobody is signed in.
 */
export class PlainLink {
  readonly #options: PlainLinkOptions;
  #socket: WebSocket | null = null;
  #auth: { fetchToken: FetchToken; onChange: (isAuthenticated: boolean) => void } | null = null;
  #token: string | null = null;
  #refetch: ReturnType<typeof setTimeout> | undefined;
  #redial: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #refusals = 0;
  #refreshId = 0;
  #isClosed = false;

  constructor(options: PlainLinkOptions) {
    this.#options = options;
  }

  async setAuth(fetchToken: FetchToken, onChange: (isAuthenticated: boolean) => void): Promise<void> {
    this.#auth = { fetchToken, onChange };
    await this.#fetch(false);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#refetch);
    clearTimeout(this.#redial);
    this.#socket?.close(1000);
  }

  async #fetch(forceRefreshToken: boolean): Promise<void> {
    const token = (await this.#auth?.fetchToken({ forceRefreshToken })) ?? null;
    if (this.#isClosed) return;
    if (token === null) return this.#clearAuth();
    this.#token = token;
    if (this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(JSON.stringify({ type: 'auth_refresh', id: ++this.#refreshId, token }));
    else this.#dial();
  }

  #clearAuth(): void {
    this.#token = null;
    clearTimeout(this.#refetch);
    clearTimeout(this.#redial);
    this.#socket?.close(1000);
    record('note', 'no token: the session is given up');
    this.#auth?.onChange(false);
  }

  #dial(): void {
    if (this.#isClosed || this.#token === null) return;
    if (this.#socket !== null && this.#socket.readyState < WebSocket.CLOSING) return;
    const socket = new WebSocket(this.#options.url);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: 'auth', token: this.#token }));
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)) as ServerFrame);
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#options.onOpenChange(false);
      if (this.#isClosed || this.#token === null) return;
      if (code === 1008) return this.#refused(reason);
      const waitS = Math.min(16, 2 ** this.#failures++) * (0.5 + Math.random() / 2);
      this.#redial = setTimeout(() => this.#dial(), waitS * 1000 * this.#options.scale);
    };
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'auth_error') return this.#refused(frame.code ?? '');
    if (frame.type !== 'auth_ok') return this.#options.onMessage(frame);
    this.#failures = 0;
    this.#refusals = 0;
    this.#options.onOpenChange(true);
    this.#auth?.onChange(true);
    this.#scheduleRefetch(frame.expires_in ?? 0);
  }

  #scheduleRefetch(lifetimeS: number): void {
    const leewayS = 10 * this.#options.scale;
    clearTimeout(this.#refetch);
    this.#refetch = setTimeout(() => void this.#fetch(true), Math.max(0, lifetimeS - leewayS) * 1000);
  }

  /** The server does not accept the token: one more is asked for, and after two of those the user is signed out. */
  #refused(why: string): void {
    record('note', `the server refused the token: ${why}`);
    const attempts = 2;
    if (++this.#refusals > attempts) return this.#clearAuth();
    clearTimeout(this.#refetch);
    void this.#fetch(true);
  }
}

interface ServerFrame {
  type?: string;
  code?: string;
  expires_in?: number;
}

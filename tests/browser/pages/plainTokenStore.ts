import { record } from '../harness/pageLog';

/** The browser half of AuthKit for Next.js, reduced to when it asks for a token and what it does when that fails. */
export class PlainTokenStore {
  #token: string | null = null;
  #expiresAtS = 0;
  #lifetimeS = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #scale: number;

  constructor(scale: number) {
    this.#scale = scale;
  }

  /** Reacts to a page that comes back to the front or to the network. */
  watchPage(): () => void {
    const wake = () => {
      if (document.visibilityState === 'visible') void this.#checkSession();
    };
    const reconnect = () => void this.getAccessToken().catch(() => {});
    document.addEventListener('visibilitychange', wake);
    window.addEventListener('focus', wake);
    window.addEventListener('online', reconnect);
    return () => {
      clearTimeout(this.#timer);
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('focus', wake);
      window.removeEventListener('online', reconnect);
    };
  }

  /** The token in hand unless it is about to expire. Rejects when a new one is needed and cannot be had. */
  async getAccessToken(): Promise<string> {
    const isExpiring = this.#secondsLeft() < this.#bufferS();
    return this.#token === null || isExpiring ? this.refresh() : this.#token;
  }

  async refresh(): Promise<string> {
    try {
      const answer = await fetch('/auth/refresh', { method: 'POST' });
      if (!answer.ok) throw new Error(`The refresh was answered with ${answer.status}.`);
      const { access_token: token, expires_in: expiresIn } = (await answer.json()) as TokenBody;
      this.#token = token;
      this.#lifetimeS = expiresIn;
      this.#expiresAtS = nowS() + expiresIn;
      this.#later(this.#secondsLeft() - this.#bufferS());
      return token;
    } catch (error) {
      const retryAfterS = 300;
      this.#later(retryAfterS * this.#scale);
      throw error;
    }
  }

  /** Five minutes' notice is not to be had from a token of five minutes, so short ones get half of the margin. */
  #bufferS(): number {
    const isShort = this.#lifetimeS <= 300 * this.#scale;
    return (isShort ? 30 : 60) * this.#scale;
  }

  #secondsLeft(): number {
    return this.#expiresAtS - nowS();
  }

  /** At the end of a wait the token is asked for as anybody would: one that is not "expiring" yet is simply kept. */
  #later(seconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.getAccessToken().catch(() => {}), Math.max(0, seconds) * 1000);
  }

  /** Asks the server whether the session still stands. A request that never got there is answered by a reload. */
  async #checkSession(): Promise<void> {
    try {
      await fetch('/api/me', { headers: { authorization: `Bearer ${this.#token ?? ''}` } });
    } catch (error) {
      const { message } = error as Error;
      record('note', `session check: ${message}`);
      if (message.includes('Failed to fetch')) window.location.reload();
    }
  }
}

interface TokenBody {
  access_token: string;
  expires_in: number;
}

const nowS = () => Date.now() / 1000;

import type { RawData, WebSocket } from 'ws';
import type { AccessTokens } from '../accessTokens';
import type { Timers } from '../timers';
import type { OpenScannerFrames } from './openScannerFrames';

/** What the database knows of a user. */
export interface OpenScannerAccount {
  role: 'admin' | 'listener';
  isDisabled: boolean;
  /** Sockets at a time; null: any number. */
  limit: number | null;
}

/** Counted by the sockets. */
export interface OpenScannerCounts {
  /** Sockets that were let in. */
  welcomed: number;
  /** Expired frames that were sent. */
  expiredFrames: number;
  /** First frames with a token that had been turned down before. */
  oldTokens: number;
  rejected: number;
  echoes: number;
}

export interface OpenScannerSocketParts {
  frames: OpenScannerFrames;
  isAdmin: boolean;
  tokens: AccessTokens;
  timers: Timers;
  counts: OpenScannerCounts;
  authDeadlineMs: number;
  partingMs: number;
  recheckMs: number;
  pingMs: number;
  accountOf(user: string): OpenScannerAccount | undefined;
  /** There is room for one more socket, of this user or of anybody. */
  hasRoom(user?: string): boolean;
  onWelcome(): void;
}

/**
 * One socket of the server. Its token is judged once, in the first frame; whatever is wrong with it, the answer is the
 * same frame and the same close. Later only the account is looked at.
 */
export class OpenScannerSocket {
  /** Who was let in, and by which token. */
  user: string | null = null;
  tokenId: string | null = null;
  readonly #socket: WebSocket;
  readonly #parts: OpenScannerSocketParts;
  #cancelTimer = () => {};
  #cancelPing = () => {};
  #isParting = false;
  #inbox: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, parts: OpenScannerSocketParts) {
    this.#socket = socket;
    this.#parts = parts;
    socket.once('close', () => this.#stop());
    if (!parts.isAdmin && !parts.hasRoom()) this.#reject();
    else {
      // The library cuts the connection at the deadline, before the handler comes to its "auth timeout".
      this.#cancelTimer = parts.timers.after(parts.authDeadlineMs, () => socket.terminate());
      socket.on('message', (data, isBinary) => {
        // What follows the token waits until that was judged.
        this.#inbox = this.#inbox.then(() => this.#take(data, isBinary));
      });
    }
  }

  send(frame: unknown): void {
    if (this.#socket.readyState === this.#socket.OPEN && !this.#isParting)
      this.#socket.send(JSON.stringify(frame));
  }

  /** The expired frame with a close behind it: 1008 where the server judged, 1000 where somebody ended the session. */
  end(code: 1000 | 1008): void {
    if (this.#isParting) return;
    this.#parts.counts.expiredFrames += 1;
    this.send(this.#parts.frames.expired());
    this.#isParting = true;
    this.#parts.timers.after(this.#parts.partingMs, () =>
      this.#socket.close(code, code === 1008 ? 'auth failed' : ''),
    );
  }

  /** What the server does every five minutes. */
  recheck(): void {
    if (this.user !== null && this.#parts.accountOf(this.user)?.isDisabled !== false) this.end(1008);
  }

  /** Reads and writes nothing any more, without a word. */
  halfOpen(): void {
    this.#stop();
    this.#isParting = true;
    this.#socket.pause();
  }

  async #take(data: RawData, isBinary: boolean): Promise<void> {
    if (this.#isParting || this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.user === null) await this.#authenticate(data, isBinary);
    else this.#onFrame(data, isBinary);
  }

  async #authenticate(data: RawData, isBinary: boolean): Promise<void> {
    const { tokens, counts, accountOf, isAdmin, hasRoom, frames } = this.#parts;
    this.#cancelTimer();
    if (isBinary) return this.#socket.close(1008, 'expected text message');
    const first: unknown = parse(data);
    const token: unknown = Array.isArray(first) ? first[0] : undefined;
    if (typeof token !== 'string') return this.#socket.close(1008, 'invalid message');
    const check = await tokens.check(token);
    if (check.wasRefusedBefore) counts.oldTokens += 1;
    const account = check.error === null ? accountOf(check.claims.sub) : undefined;
    const isWelcome = account && !account.isDisabled && (!isAdmin || account.role === 'admin');
    if (check.error !== null || !isWelcome) {
      if (check.claims) tokens.noteRefusal(check.claims.jti);
      return this.end(1008);
    }
    if (!isAdmin && !hasRoom(check.claims.sub)) return this.#reject();
    this.user = check.claims.sub;
    this.tokenId = check.claims.jti;
    counts.welcomed += 1;
    // An administrator is welcomed with silence.
    if (!isAdmin) for (const frame of frames.welcome()) this.send(frame);
    this.#scheduleRecheck();
    this.#schedulePing();
    this.#parts.onWelcome();
  }

  /** A feed map comes back as it was; what else a listener may say there is none. */
  #onFrame(data: RawData, isBinary: boolean): void {
    const { frames, counts } = this.#parts;
    const feedMap = isBinary ? undefined : frames.readFeedMap(parse(data));
    if (feedMap === undefined) return;
    counts.echoes += 1;
    this.send(frames.feedMap(feedMap));
  }

  #reject(): void {
    this.#parts.counts.rejected += 1;
    this.send(this.#parts.frames.rejected());
    this.#isParting = true;
    this.#parts.timers.after(this.#parts.partingMs, () => this.#socket.close(1000, 'max clients reached'));
  }

  #scheduleRecheck(): void {
    this.#cancelTimer = this.#parts.timers.after(this.#parts.recheckMs, () => {
      this.recheck();
      this.#scheduleRecheck();
    });
  }

  /** Where a page cannot see it. A client that does not answer within ten seconds is cut off. */
  #schedulePing(): void {
    const { timers, pingMs } = this.#parts;
    this.#cancelPing = timers.after(pingMs, () => {
      const cut = timers.after(10_000, () => this.#socket.terminate());
      this.#cancelPing = cut;
      this.#socket.once('pong', () => {
        cut();
        this.#schedulePing();
      });
      this.#socket.ping();
    });
  }

  #stop(): void {
    this.#cancelTimer();
    this.#cancelPing();
  }
}

function parse(data: RawData): unknown {
  try {
    return JSON.parse((data as Buffer).toString('utf8'));
  } catch {
    return undefined;
  }
}

import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { CredentialWatch } from './credentialWatch';
import type { Holder } from './holder';
import { fieldOf } from './httpAnswer';
import type { ServerContext } from './serverContext';
import { countUp, type ConnectionRecord } from './serverStats';
import { SocketAuth } from './socketAuth';
import { SocketWriter } from './socketWriter';
import { TickFeed } from './tickFeed';
import type { Admission } from './upgradeAuth';

const MOST_FRAMES_NOTED = 500;

/** One socket: its frames come in here and are answered by the parts. */
export class SocketConnection {
  readonly record: ConnectionRecord;
  readonly writer: SocketWriter;
  readonly watch: CredentialWatch;
  readonly #socket: WebSocket;
  readonly #context: ServerContext;
  readonly #auth: SocketAuth;
  readonly #feed: TickFeed;
  #cancelPing = () => {};
  #isAnswering = true;

  constructor(socket: WebSocket, raw: Duplex, context: ServerContext, id: number, admission: Admission) {
    this.#socket = socket;
    this.#context = context;
    const record = newRecord(id);
    const writer = new SocketWriter(socket, raw, context, record);
    const watch = new CredentialWatch(context, writer);
    const feed = new TickFeed(context, writer);
    this.record = record;
    this.writer = writer;
    this.watch = watch;
    this.#feed = feed;
    this.#auth = new SocketAuth({ context, writer, watch, record, onReady: () => feed.start() });
    socket.on('message', (data, isBinary) => this.#onFrame(data, isBinary));
    socket.on('pong', () => {
      this.#isAnswering = true;
      context.stats().protocolPings.answered += 1;
    });
    // What went wrong is told by the close that follows.
    socket.on('error', () => {});
    socket.once('close', (code, reason) => this.#onClose(code, reason.toString('utf8')));
    this.#auth.begin(admission);
    this.schedulePing();
  }

  /** Stops reading and writing for good. Even the other side's close handshake goes unanswered. */
  halfOpen(): void {
    this.#retire();
    this.writer.halfOpen();
  }

  /** Ends it at once, whatever state it is in. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Starts the protocol pings over with the interval of now. */
  schedulePing(): void {
    const { settings, timers } = this.#context;
    this.#cancelPing();
    if (settings.protocolPingMs <= 0 || !this.writer.canWrite) return;
    this.#cancelPing = timers.after(settings.protocolPingMs, () => {
      if (!this.#isAnswering) {
        this.writer.drop('end');
        return;
      }
      this.#isAnswering = false;
      this.writer.ping();
      this.#context.stats().protocolPings.sent += 1;
      this.schedulePing();
    });
  }

  #onFrame(data: RawData, isBinary: boolean): void {
    if (!this.writer.canWrite) return;
    const bytes = bytesOf(data);
    const frame = isBinary ? undefined : parse(bytes);
    const type = isBinary ? 'binary' : fieldOf(frame, 'type');
    this.#note(type, frame);
    const { holder } = this.watch;
    if (holder && isBinary) {
      this.writer.sendBinary(bytes);
      void this.#context.sessions.touch(holder.session);
    } else if (holder) {
      this.#onAuthenticatedFrame(holder, type, frame);
    } else if (this.#auth.isAwaited && type === 'auth') {
      void this.#auth.authenticate(fieldOf(frame, 'token'));
    } else {
      this.writer.closeForPolicy('auth_required');
    }
  }

  /** What the library does by itself is no sign of life of the user; what the application sends is. */
  #onAuthenticatedFrame(holder: Holder, type: unknown, frame: unknown): void {
    switch (type) {
      case 'ping':
        this.#onPing(holder, fieldOf(frame, 'idle') === true);
        return;
      case 'auth_refresh':
        void this.#auth.refresh(fieldOf(frame, 'id'), fieldOf(frame, 'token'));
        return;
      case 'auth':
        this.writer.send({ type: 'auth_error', code: 'already_authenticated', retryable: false });
        return;
      case 'resume':
        this.#feed.resume(fieldOf(frame, 'from'));
        return;
      case 'stream_report':
        this.#noteReport(fieldOf(frame, 'gaps'), fieldOf(frame, 'duplicates'));
        return;
      case 'echo': {
        const copies = this.#context.echoes.note(holder.user, fieldOf(frame, 'id'));
        this.writer.send({ ...(frame as object), copies });
        break;
      }
      default:
        if (typeof type !== 'string') this.writer.send({ type: 'error', code: 'malformed' });
    }
    void this.#context.sessions.touch(holder.session);
  }

  #onPing({ session }: Holder, isIdle: boolean): void {
    const { faults, sessions, stats } = this.#context;
    stats().pings.received += 1;
    if (isIdle) stats().pings.idle += 1;
    else void sessions.touch(session);
    if (faults.takeSocket('dropPongs')) countUp(stats().faultsServed, 'socket dropPongs');
    else this.writer.send({ type: 'pong' });
  }

  #note(type: unknown, frame: unknown): void {
    this.record.lastFrameAt = Date.now();
    if (this.record.frames.length >= MOST_FRAMES_NOTED) return;
    const name = typeof type === 'string' ? type : 'malformed';
    this.record.frames.push({ type: name, id: fieldOf(frame, 'id') ?? null, at: Date.now() });
  }

  #noteReport(gaps: unknown, duplicates: unknown): void {
    const { stream } = this.#context.stats();
    if (typeof gaps === 'number' && gaps > 0) stream.gaps += gaps;
    if (typeof duplicates === 'number' && duplicates > 0) stream.duplicates += duplicates;
  }

  #retire(): void {
    this.#cancelPing();
    this.#auth.stop();
    this.watch.stop();
    this.#feed.stop();
  }

  #onClose(code: number, reason: string): void {
    this.#retire();
    this.record.closedAt = Date.now();
    this.record.code = code;
    this.record.reason = reason;
    this.record.closedBy ??= 'client';
  }
}

function newRecord(id: number): ConnectionRecord {
  return {
    id,
    openedAt: Date.now(),
    authenticatedAt: null,
    lastFrameAt: null,
    closedAt: null,
    code: null,
    reason: null,
    closedBy: null,
    user: null,
    session: null,
    halfOpen: false,
    frames: [],
  };
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

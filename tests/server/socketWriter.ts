import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { NO_CLOSE_FRAME, policyCloseCode, policyReason, type PolicyCode } from './policyClose';
import { writeRawClose } from './rawFrames';
import { resetSocket } from './resetSocket';
import type { ServerContext } from './serverContext';
import { countUp, type ConnectionRecord } from './serverStats';

/** Everything that leaves on one socket, its end included. Writes nothing once the socket is closing or half-open. */
export class SocketWriter {
  readonly #socket: WebSocket;
  readonly #raw: Duplex;
  readonly #context: ServerContext;
  readonly #record: ConnectionRecord;
  #hasClosed = false;

  constructor(socket: WebSocket, raw: Duplex, context: ServerContext, record: ConnectionRecord) {
    this.#socket = socket;
    this.#raw = raw;
    this.#context = context;
    this.#record = record;
  }

  get canWrite(): boolean {
    return !this.#hasClosed && !this.#record.halfOpen && this.#socket.readyState === WebSocket.OPEN;
  }

  send(frame: unknown): void {
    this.sendText(JSON.stringify(frame));
  }

  /** One frame, or fragments if that fault is on. */
  sendText(text: string): void {
    if (!this.canWrite) return;
    const size = this.#context.faults.socket.sliceFrames;
    const bytes = Buffer.from(text);
    if (size <= 0 || bytes.length <= size) {
      this.#socket.send(text);
      return;
    }
    countUp(this.#context.stats().faultsServed, 'socket sliceFrames');
    for (let from = 0; from < bytes.length; from += size) {
      this.#socket.send(bytes.subarray(from, from + size), {
        binary: false,
        fin: from + size >= bytes.length,
      });
    }
  }

  sendBinary(bytes: Buffer): void {
    if (this.canWrite) this.#socket.send(bytes, { binary: true });
  }

  ping(): void {
    if (this.canWrite) this.#socket.ping();
  }

  /** Hands the bare TCP socket to a fault that writes below WebSocket. */
  writeRaw(write: (socket: Duplex) => void): void {
    if (this.canWrite) write(this.#raw);
  }

  /** Closes with the code of `closeStyle` and the word as `reasonStyle` writes it. */
  closeForPolicy(code: PolicyCode): void {
    if (!this.canWrite) return;
    countUp(this.#context.stats().authCloses, code);
    const { expiryFrame, closeStyle, reasonStyle } = this.#context.settings;
    const isExpiry = code === 'token_expired' || code === 'session_expired';
    if (isExpiry && expiryFrame) this.send({ type: 'session_expired' });
    const closeCode = policyCloseCode(code, closeStyle);
    if (closeCode === NO_CLOSE_FRAME) this.#leave();
    else this.close(closeCode, policyReason(code, reasonStyle));
  }

  /** Closes with any code, those that the library refuses included. */
  close(code: number, reason = ''): void {
    if (!this.canWrite) return;
    this.#record.closedBy = 'server';
    // A close frame written below the library leaves its `readyState` as it was.
    this.#hasClosed = true;
    if (isSendable(code)) {
      this.#socket.close(code, reason);
      return;
    }
    writeRawClose(this.#raw, code, reason);
    this.#raw.end();
  }

  /** Ends TCP behind what was sent, without a close frame. */
  #leave(): void {
    this.#record.closedBy = 'server';
    this.#hasClosed = true;
    this.#raw.end();
  }

  /** Ends TCP with a reset, or plainly; either way without a close frame. */
  drop(how: 'reset' | 'end'): void {
    this.#record.closedBy ??= 'server';
    this.#hasClosed = true;
    if (how === 'reset' && this.#raw instanceof Socket) {
      resetSocket(this.#raw);
    } else {
      this.#socket.terminate();
    }
  }

  /** Stops reading and writing for good, without a word to the other side. */
  halfOpen(): void {
    this.#record.halfOpen = true;
    this.#socket.pause();
  }
}

/** Codes that the library sends by itself. */
function isSendable(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  );
}

import type { Socket } from 'node:net';
import { resetSocket } from './resetSocket';

/** How one direction of one connection behaves. */
export interface LaneRules {
  isFlowing: boolean;
  latencyMs: number;
  jitterMs: number;
  sliceBytes: number;
  bytesPerSecond: number;
}

/** What travels: bytes, or the way the sender ended. */
type Content = { kind: 'bytes'; bytes: Buffer } | { kind: 'end' } | { kind: 'reset' } | { kind: 'gone' };
type Parcel = Content & { dueAt: number };

const MOST_BYTES_HELD = 4_000_000;

/** One direction of a proxied connection: takes from one socket, hands on to the other, late and in pieces. */
export class ChaosLane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #random: () => number;
  readonly #onBytes: (count: number) => void;
  readonly #parcels: Parcel[] = [];
  #rules: LaneRules = { isFlowing: true, latencyMs: 0, jitterMs: 0, sliceBytes: 0, bytesPerSecond: 0 };
  /** Takes back the pause this lane is in; null when it may deliver. */
  #cancelRest: (() => void) | null = null;
  #bytesHeld = 0;
  #lastDueAt = 0;
  #isStopped = false;

  constructor(from: Socket, to: Socket, random: () => number, onBytes: (count: number) => void) {
    this.#from = from;
    this.#to = to;
    this.#random = random;
    this.#onBytes = onBytes;
    let wasReset = false;
    let hasEnded = false;
    from.on('data', bytes => {
      this.#bytesHeld += bytes.length;
      if (this.#bytesHeld > MOST_BYTES_HELD) from.pause();
      this.#take({ kind: 'bytes', bytes });
    });
    from.once('end', () => {
      hasEnded = true;
      this.#take({ kind: 'end' });
    });
    from.once('error', () => (wasReset = true));
    from.once('close', () => {
      if (wasReset) this.#take({ kind: 'reset' });
      else if (!hasEnded) this.#take({ kind: 'gone' });
    });
  }

  /** Changes the rules; what waits leaves by the new ones. */
  follow(rules: LaneRules): void {
    this.#rules = rules;
    this.#deliver();
  }

  /** Drops what waits and hands nothing on any more. */
  stop(): void {
    this.#isStopped = true;
    this.#parcels.length = 0;
    this.#cancelRest?.();
    this.#cancelRest = null;
  }

  #take(content: Content): void {
    if (this.#isStopped) return;
    const { latencyMs, jitterMs } = this.#rules;
    const delayMs = latencyMs + jitterMs * (this.#random() * 2 - 1);
    // A stream keeps its order, whatever the jitter says.
    this.#lastDueAt = Math.max(this.#lastDueAt, performance.now() + Math.max(0, delayMs));
    this.#parcels.push({ ...content, dueAt: this.#lastDueAt });
    this.#deliver();
  }

  #deliver(): void {
    while (this.#cancelRest === null && this.#rules.isFlowing) {
      const parcel = this.#parcels[0];
      if (!parcel) return;
      const waitMs = parcel.dueAt - performance.now();
      if (waitMs > 0) this.#rest(waitMs);
      else this.#hand(parcel);
    }
  }

  #hand(parcel: Parcel): void {
    switch (parcel.kind) {
      case 'bytes':
        this.#handBytes(parcel);
        return;
      case 'end':
        this.#parcels.shift();
        this.#to.end();
        return;
      case 'reset':
        this.#parcels.shift();
        resetSocket(this.#to);
        return;
      case 'gone':
        this.#parcels.shift();
        this.#to.destroy();
        return;
    }
  }

  #handBytes(parcel: { bytes: Buffer }): void {
    const { sliceBytes, bytesPerSecond } = this.#rules;
    // A limited line sends what fits into 50 ms at a time, so that the rate is smooth.
    const limit = bytesPerSecond > 0 ? Math.max(1, Math.floor(bytesPerSecond / 20)) : Infinity;
    const size = Math.min(parcel.bytes.length, sliceBytes > 0 ? sliceBytes : Infinity, limit);
    const piece = parcel.bytes.subarray(0, size);
    parcel.bytes = parcel.bytes.subarray(size);
    if (parcel.bytes.length === 0) this.#parcels.shift();
    this.#bytesHeld -= size;
    if (this.#bytesHeld <= MOST_BYTES_HELD && this.#from.isPaused()) this.#from.resume();
    this.#onBytes(size);
    if (this.#to.writable) this.#to.write(piece);
    if (bytesPerSecond > 0) this.#rest((size / bytesPerSecond) * 1000);
    // A turn of the event loop between slices keeps the system from joining them again.
    else if (sliceBytes > 0) this.#rest(0);
  }

  #rest(ms: number): void {
    const goOn = () => {
      this.#cancelRest = null;
      this.#deliver();
    };
    if (ms > 0) {
      const timer = setTimeout(goOn, ms);
      this.#cancelRest = () => clearTimeout(timer);
    } else {
      const turn = setImmediate(goOn);
      this.#cancelRest = () => clearImmediate(turn);
    }
  }
}

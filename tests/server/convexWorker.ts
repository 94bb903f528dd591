import type { WebSocket } from 'ws';
import { readClaims } from '../../src/protocols/jwtClaims';

/** What is known of one connection. */
export interface ConvexConnection {
  /** The subject of the token that this connection stands on; null: nobody. */
  subject: string | null;
  readonly presented: string[];
  /** Why the connection was ended by the server; null: it was not. */
  authError: string | null;
}

/** What all connections have in common. */
export interface Deployment {
  now(): number;
  readonly refused: ReadonlySet<string>;
  readonly said: string[];
  readonly presented: string[];
  nextTimestamp(): bigint;
  say(text: string): void;
}

interface StateVersion {
  querySet: number;
  identity: number;
  ts: bigint;
}

/** The frames that are read here, reduced to what is read of them. */
type ClientFrame =
  | { type: 'Connect'; clientTs?: number }
  | { type: 'Authenticate'; tokenType: 'User' | 'Admin' | 'None'; value?: string; baseVersion: number }
  | {
      type: 'ModifyQuerySet';
      baseVersion: number;
      newVersion: number;
      modifications: { type: 'Add' | 'Remove'; queryId: number }[];
    }
  | { type: 'Mutation'; requestId: number; args: unknown[] }
  | { type: 'Event' };

/** One connection: the client's wishes are collected, and one transition tells what came of them. */
export class ConvexWorker {
  readonly record: ConvexConnection;
  readonly #socket: WebSocket;
  readonly #deployment: Deployment;
  readonly #queries = new Map<number, string | null>();
  #token: string | null = null;
  #pendingToken: string | null | undefined;
  #version: StateVersion = { querySet: 0, identity: 0, ts: 0n };
  #received = { querySet: 0, identity: 0 };
  #skewMs: number | undefined;
  #isScheduled = false;
  #hasEnded = false;

  constructor(socket: WebSocket, deployment: Deployment) {
    this.#socket = socket;
    this.#deployment = deployment;
    this.record = {
      subject: null,
      presented: [],
      authError: null,
    };
    socket.on('message', data => {
      // What comes behind the frame that ended it is not read any more.
      if (!this.#hasEnded) this.#receive(JSON.parse((data as Buffer).toString('utf8')) as ClientFrame);
    });
  }

  ping(): void {
    if (!this.#hasEnded) this.#send({ type: 'Ping' });
  }

  /** Sends a transition soon, with everything that has changed by then. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#hasEnded) this.#update();
    });
  }

  #receive(frame: ClientFrame): void {
    switch (frame.type) {
      case 'Connect':
        if (frame.clientTs !== undefined) this.#skewMs = frame.clientTs - this.#deployment.now();
        return;
      case 'Authenticate': {
        if (frame.baseVersion !== this.#received.identity) return this.#fatal('identity version');
        const token = frame.tokenType === 'User' ? (frame.value ?? '') : null;
        if (token !== null) {
          this.record.presented.push(token);
          this.#deployment.presented.push(token);
          const fault = this.#faultOf(token);
          if (fault) return this.#authError(fault, true);
        }
        this.#pendingToken = token;
        this.#received.identity += 1;
        return this.schedule();
      }
      case 'ModifyQuerySet':
        if (frame.baseVersion !== this.#received.querySet) return this.#fatal('query set version');
        this.#received.querySet = frame.newVersion;
        for (const { type, queryId } of frame.modifications) {
          if (type === 'Add') this.#queries.set(queryId, null);
          else this.#queries.delete(queryId);
        }
        return this.schedule();
      case 'Mutation': {
        const standing = this.#pendingToken === undefined ? this.#token : this.#pendingToken;
        const fault = standing === null ? null : this.#faultOf(standing);
        if (fault) return this.#authError(fault, false);
        const ts = this.#deployment.nextTimestamp();
        const { requestId, args } = frame;
        this.#send({
          type: 'MutationResponse',
          requestId,
          success: true,
          result: null,
          ts: encode(ts),
          logLines: [],
        });
        return this.#deployment.say(String((args[0] as { text?: unknown } | undefined)?.text));
      }
      case 'Event':
        return;
    }
  }

  /** A query is answered only for a token that still counts. */
  #update(): void {
    const isNewIdentity = this.#pendingToken !== undefined;
    if (this.#pendingToken !== undefined) {
      this.#token = this.#pendingToken;
      this.#pendingToken = undefined;
    }
    const fault = this.#token === null ? null : this.#faultOf(this.#token);
    if (fault) return this.#authError(fault, false);
    this.record.subject = this.#token === null ? null : readClaims(this.#token).subject;

    const start = this.#version;
    this.#version = {
      querySet: this.#received.querySet,
      identity: isNewIdentity ? this.#received.identity : start.identity,
      ts: this.#deployment.nextTimestamp(),
    };
    const value = { viewer: this.record.subject, said: this.#deployment.said.slice(-5) };
    const text = JSON.stringify(value);
    const modifications = [...this.#queries]
      .filter(([, last]) => last !== text)
      .map(([queryId]) => {
        this.#queries.set(queryId, text);
        return { type: 'QueryUpdated', queryId, value, logLines: [], journal: null };
      });
    this.#send({
      type: 'Transition',
      startVersion: encodeVersion(start),
      endVersion: encodeVersion(this.#version),
      modifications,
      clientClockSkew: this.#skewMs,
    });
  }

  #faultOf(token: string): string | null {
    const { expiresAt, issuedAt, subject } = readClaims(token);
    if (expiresAt === null || issuedAt === null || subject === null) return 'Could not parse as id token';
    if (this.#deployment.refused.has(token)) return 'No auth provider found matching the given token';
    return expiresAt <= this.#deployment.now() ? 'Token expired' : null;
  }

  /** The last frame of a socket: the worker has ended and the version is the one of the last transition. */
  #authError(error: string, authUpdateAttempted: boolean): void {
    this.record.authError = error;
    this.#send({ type: 'AuthError', error, baseVersion: this.#version.identity, authUpdateAttempted });
    this.#end();
  }

  #fatal(what: string): void {
    this.#send({ type: 'FatalError', error: `The ${what} does not match.` });
    this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    // No code of its own: the client reads the frame before it.
    this.#socket.close();
  }

  #send(frame: object): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}

const encodeVersion = ({ querySet, identity, ts }: StateVersion) => ({ querySet, identity, ts: encode(ts) });

/** 64 bits, little-endian, base64. */
function encode(ts: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(ts);
  return bytes.toString('base64');
}

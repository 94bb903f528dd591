import type { SocketStatus } from '../machine/snapshot';
import { attachInternals } from './internals';
import type { AuthSocketOptions } from './options';
import { createClient } from './client';

/** The words that a message of this type can have as its `type`. */
export type Topic<In> = In extends { type: infer T extends string } ? T : never;
/** The messages of one topic; all of them where the type says nothing about it, or the topic is any text. */
export type ByTopic<In, T> = string extends T
  ? In
  : [Extract<In, { type: T }>] extends [never]
    ? In
    : Extract<In, { type: T }>;

/** A link became ready. */
export interface OpenEvent<Out> {
  /** Counts up from 1. */
  connection: number;
  /** How long there was no link, in ms of wall time; 0 after a replacement, null for the first. */
  gapMs: number | null;
  /** Sends on this link, before anything that is queued. */
  send(message: Out): void;
}

/** A session and its link. Does nothing until `connect()`. */
export interface AuthSocket<In = unknown, Out = unknown> {
  /** Idempotent. */
  connect(): void;
  /** Idempotent; closes 1000, keeps the session; `connect()` starts again. */
  disconnect(): void;
  /** Dials now; when open: replaces the link, the new one first. */
  reconnect(reason?: string): void;
  /** Final and immediate; every pending promise settles. */
  destroy(): void;
  /**
   * The user leaves: token dropped, 1000, the other tabs of this key told.
   *
   * `before` gets the last token (your logout call); verdicts meanwhile are ignored; its failure or 5 s do not hold the
   * sign-out.
   */
  signOut(options?: { reason?: string; before?: (token: string | null) => Promise<unknown> }): Promise<void>;
  /** After a sign-out: ask the token source again. */
  retrySession(): void;
  setSessionKey(key: string | null): void;

  /** 'sent' = handed to the socket. Throws 'invalid-message' for what cannot be written. */
  send(message: Out, options?: { whenClosed?: 'queue' | 'drop' }): 'sent' | 'queued' | 'dropped';
  /**
   * Every frame of the current link, once, in order. When a new link is ready the old one's later frames are dropped. A
   * handler that throws is reported to `onError`; the others still run.
   */
  onMessage(handler: (message: In) => void): () => void;
  onMessage<T extends Topic<In> | (string & {})>(
    handler: (message: ByTopic<In, T>) => void,
    options: { topic: T },
  ): () => void;
  /**
   * Runs on every authenticated link, replacements included, before queued messages leave; at once if already open.
   * What it sends goes first.
   */
  onOpen(handler: (event: OpenEvent<Out>) => void): () => void;

  /**
   * Resolves at once with the held token if it lives `minValidityMs` (0) more, else waits for one source call. If that
   * fails and the held token is unexpired and not refused, resolves with it. Rejects with AuthSocketError 'unavailable',
   * 'signed-out', 'destroyed', 'no-token' (cookie sessions), or the signal's reason. Works before `connect()`.
   */
  getToken(options?: {
    minValidityMs?: number;
    forceRefresh?: boolean;
    signal?: AbortSignal;
  }): Promise<string>;
  /** The same object until something changed. */
  getStatus(): SocketStatus;
  subscribe(listener: () => void): () => void;
}

/**
 * Makes a client. Does nothing until `connect()`: safe at module scope and on a server.
 *
 * Throws an `AuthSocketError` 'invalid-option' that names the option.
 */
export function createAuthSocket<In = unknown, Out = unknown>(
  options: AuthSocketOptions<In, Out>,
): AuthSocket<In, Out> {
  const { socket, internals } = createClient(options);
  return attachInternals(socket, internals);
}

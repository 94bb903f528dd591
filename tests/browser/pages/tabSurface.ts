import type { AuthSocket, AuthSocketOptions } from '../../../src/index';
import type { Sink } from './sinkSpy';

/** What a tab is opened with, in the query of its address. */
export interface TabSettings {
  /** Left out: the provider gets none. */
  sessionKey?: string | null;
  /** `tokenEndpoint`, a function over `fetch`, or what the test itself answers (`window.askTest`). @default 'endpoint' */
  source?: 'endpoint' | 'fetch' | 'test';
  /** An authenticated request this often, as applications make them beside the socket. @default none */
  requestMs?: number;
  /** Whatever can be written as JSON. */
  options?: Pick<AuthSocketOptions, 'tabs' | 'refreshLeadMs' | 'reconnect' | 'timeouts'>;
}

/** What a test may do to a tab and ask of it. No access token leaves the page, only a short hash of it. */
export interface TabSurface {
  client(): AuthSocket;
  /** Asks the client for another token; answers its hash. */
  refresh(): Promise<string>;
  /** Hash of the token in hand; null: none. */
  fingerprint(): Promise<string | null>;
  /** Signs out with the server's own logout as the last call. */
  signOut(reason: string): Promise<void>;
  /** Renders the provider for somebody else. */
  changeUser(sessionKey: string | null): void;
  /** The name of the lock and the channel that tabs of this session share. */
  sharedName(): string;
  /** How often each place was written to where others could read. */
  writes(): Readonly<Record<Sink, number>>;
  /** Which of these places was given a token of this tab. */
  leaks(): readonly Sink[];
  /** Writes the token into every one of them, to show that it would be noticed. */
  leakEverywhere(): Promise<void>;
}

declare global {
  interface Window {
    tab: TabSurface;
    /** Given by the test where it is the token source. */
    askTest?: () => Promise<string>;
  }
}

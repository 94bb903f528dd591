import type { Command } from './scriptClient';

/** How a peer treats handshakes: those to come, and one that it left unanswered. */
export type Welcome =
  'accept' | 'refuse' | 'unauthorized' | 'redirect' | 'hang' | 'forget-subprotocol' | 'invent-subprotocol';

/** The page's end of a script. Commands given together run in one task. */
export interface StageClient {
  run(...commands: Command[]): Promise<void>;
  /** Waits until a line of the log begins like this. */
  until(start: string): Promise<void>;
  /** Lets this much time pass. */
  pause(ms: number): Promise<void>;
  /** A content security policy of the page forbids dials from now on. */
  forbidDials(): Promise<void>;
  log(): Promise<readonly string[]>;
}

/** The server's end. Everything but `welcome` and `greetWith` concerns the newest link. */
export interface StagePeer {
  readonly url: string;
  welcome(how: Welcome): void;
  /** Sends these right behind the answer to the next handshakes. */
  greetWith(...texts: string[]): void;
  send(data: string | readonly number[]): Promise<void>;
  sendInvalidText(): Promise<void>;
  /** Puts exactly this code on the wire, also one that no frame may carry. */
  close(code?: number, reason?: string): Promise<void>;
  /** What these write arrives together. */
  atOnce(...writes: (() => Promise<void>)[]): Promise<void>;
  reset(): Promise<void>;
  /** Ends the connection without a closing handshake. */
  end(): Promise<void>;
  /** From now on nothing is read and nothing is answered. */
  goDeaf(): Promise<void>;
  /** What it saw: first the handshakes, then for each link what the client sent on its own account. */
  log(): readonly string[];
}

export interface Stage {
  readonly client: StageClient;
  readonly peer: StagePeer;
  close(): Promise<void>;
}

/** Everything that a script brought to light, in order. */
export interface Performance {
  readonly client: readonly string[];
  readonly peer: readonly string[];
}

/** What may still come, comes within this. */
const SETTLE_MS = 120;

/** Plays a script to its end. */
export async function perform(stage: Stage, script: (stage: Stage) => Promise<void>): Promise<Performance> {
  try {
    await script(stage);
    await stage.client.pause(SETTLE_MS);
    return { client: await stage.client.log(), peer: stage.peer.log() };
  } finally {
    await stage.close();
  }
}

/** The lines that browsers print about the use of a socket, in words of our own. */
export function consoleLine(text: string): string[] {
  if (text.includes('closed before the connection is established'))
    return ['console: closed while connecting'];
  return text.includes('already in CLOSING or CLOSED state') ? ['console: sent after the end'] : [];
}

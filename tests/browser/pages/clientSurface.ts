import type { ReactNode } from 'react';

/** What the session page asks of a client, so that the same page and the same faults can be played to any of them. */
export interface ClientSurface {
  ClientProvider(props: { settings: ClientSettings; children: ReactNode }): ReactNode;
  useClientStatus(): ClientStatus;
  /** The latest handler gets every message of the server. */
  useClientMessages(handler: (message: unknown) => void): void;
}

export interface ClientSettings {
  /** Seconds of the client's own habits, e.g. its retry interval, are multiplied by this. 1 in real life. */
  scale: number;
}

export interface ClientStatus {
  /** Nothing is known about the user yet. */
  isLoading: boolean;
  isAuthenticated: boolean;
  /** Messages can flow. */
  isOpen: boolean;
}

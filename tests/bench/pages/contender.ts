import type { ReactElement } from 'react';
import type { Tick } from '../tick';

interface CommonProps {
  url: string;
  /** Messages can flow. */
  onOpen(): void;
}

export interface ListenerProps extends CommonProps {
  /** Gets every message, parsed. */
  onTick(tick: Tick): void;
}

export interface ViewerProps extends CommonProps {
  /** Gets, after each commit, the messages that it shows. */
  onCommit(shown: readonly Tick[]): void;
}

export interface CrowdProps extends ListenerProps {
  size: number;
  /** The component of this index renders. */
  onRender(index: number): void;
  onTokenCall(): void;
}

/** One way of receiving messages in React. Every contender does the same work, with the means that it offers. */
export interface Contender {
  /** One component that handles messages and renders nothing. */
  Listener(props: ListenerProps): ReactElement | null;
  /** One component that renders messages. */
  Viewer(props: ViewerProps): ReactElement | null;
  /** So many components that handle the messages of one socket. */
  Crowd(props: CrowdProps): ReactElement | null;
}

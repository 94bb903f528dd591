import { createAuthSocketContext } from 'react-auth-socket';

/** What the demo's server sends beside the control frames. */
export type Incoming =
  | { type: 'tick'; seq: number; at: number }
  /** The answer to `resume`: so many ticks follow that were missed, so many are gone for good. */
  | { type: 'resumed'; from: number; replayed: number; missed: number }
  /** What we said, with how often the server has seen that id. */
  | { type: 'echo'; id: string; text: string; copies: number };

export type Outgoing = { type: 'resume'; from: number } | { type: 'echo'; id: string; text: string };

/** The provider and the hooks, typed for this server. */
export const {
  AuthSocketProvider,
  useAuthToken,
  useSocket,
  useSocketMessage,
  useSocketOpen,
  useSocketState,
  useSocketStatus,
} = createAuthSocketContext<Incoming, Outgoing>();

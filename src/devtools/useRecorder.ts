import * as React from 'react';
import type { AuthSocket } from '../runtime/authSocket';
import { createRecorder, type Recorder } from './recorder';

/** Watches a client from mounting on, and renders with every picture of it. No picture on a server. */
// eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
export function useRecorder(socket: AuthSocket<any, any>): Recorder {
  const recorder = React.useMemo(() => createRecorder(socket), [socket]);
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => recorder.start(redraw), [recorder]);
  return recorder;
}

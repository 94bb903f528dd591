import { jsonProtocol, type Frame, type SocketProtocol } from '../../src/core';

/** A server that never says how long a token lives, so that only the token and the clock tell. */
export function silentAboutLifetimes(): SocketProtocol {
  const protocol = jsonProtocol();
  const forget = (frame: Frame<unknown>): Frame<unknown> => {
    if (frame.kind !== 'ready' && frame.kind !== 'refreshed') return frame;
    const { expiresInMs: _, ...rest } = frame;
    return rest;
  };
  return {
    ...protocol,
    read(data) {
      const frames = protocol.read(data);
      return Array.isArray(frames) ? frames.map(forget) : forget(frames as Frame<unknown>);
    },
  };
}

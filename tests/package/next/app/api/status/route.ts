import { createAuthSocket } from 'react-auth-socket/core';

/** Does nothing until `connect()`, so it may be made at module scope of a server. */
const socket = createAuthSocket({ url: 'wss://example.test/ws', getToken: () => 'a token' });

/** Server code imports from `./core`: there, nothing is a client reference. */
export function GET(): Response {
  return Response.json(socket.getStatus());
}

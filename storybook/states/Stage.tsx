import * as React from 'react';
import { AuthSocketProvider, createAuthSocket, type AuthSocket } from 'react-auth-socket';
import { createTestWorld, type TestWorld } from 'react-auth-socket/testing';
import { StatusView } from './StatusView';

/** What happens to a client and its world before you see them. Time passes only in it. */
export type Journey = (world: TestWorld, socket: AuthSocket) => Promise<void>;

export interface StageProps {
  /** How the world is before the client connects. */
  before?: (world: TestWorld) => void;
  journey: Journey;
}

/** A client in a world of its own: the same picture every time. */
export function Stage({ before, journey }: StageProps): React.ReactElement {
  const [{ world, socket }] = React.useState(() => {
    const made = createTestWorld();
    before?.(made);
    const { platform, tokens } = made;
    return { world: made, socket: createAuthSocket({ url: '/ws', getToken: tokens.source, platform }) };
  });
  React.useEffect(
    () => () => {
      socket.destroy();
      world.dispose();
    },
    [world, socket],
  );
  return (
    <AuthSocketProvider socket={socket}>
      <Played world={world} socket={socket} journey={journey} />
    </AuthSocketProvider>
  );
}

function Played({ world, socket, journey }: { world: TestWorld; socket: AuthSocket; journey: Journey }) {
  const [isOver, setIsOver] = React.useState(false);
  React.useEffect(() => {
    let isGone = false;
    // After the provider's own effect, which connects.
    void Promise.resolve()
      .then(() => journey(world, socket))
      .then(() => isGone || setIsOver(true));
    return () => {
      isGone = true;
    };
  }, [world, socket, journey]);
  return isOver ? <StatusView now={world.clock.now} /> : <p>…</p>;
}

import * as React from 'react';
import { AuthSocketProvider, createAuthSocket, type AuthSocket } from 'react-auth-socket';
import { createTestWorld, type TestWorld } from 'react-auth-socket/testing';
import { ComposerNote } from './ComposerNote';
import { CornerPill } from './CornerPill';
import { SlimBar } from './SlimBar';
import './notices.css';

export interface NoticeStageProps {
  look: 'slim bar' | 'corner pill' | 'composer note';
  /** What happens before you see the page. Time passes only in it, and with every click. */
  journey: (world: TestWorld, socket: AuthSocket) => Promise<void>;
  /** What has changed in the world by the time of your first click. */
  onClick?: (world: TestWorld) => void;
}

/** A small application whose connection has been through something, in a world of its own. */
export function NoticeStage({ look, journey, onClick }: NoticeStageProps): React.ReactElement {
  const [{ world, socket }] = React.useState(() => {
    const made = createTestWorld();
    const { platform, tokens } = made;
    return { world: made, socket: createAuthSocket({ url: '/ws', getToken: tokens.source, platform }) };
  });
  const [isReady, setIsReady] = React.useState(false);
  React.useEffect(() => {
    let isGone = false;
    // After the provider's own effect, which connects.
    void Promise.resolve()
      .then(() => journey(world, socket))
      .then(() => isGone || setIsReady(true));
    return () => {
      isGone = true;
      socket.destroy();
      world.dispose();
    };
  }, [world, socket, journey]);

  function passTime(): void {
    onClick?.(world);
    // After the handlers of the buttons.
    void Promise.resolve().then(() => world.clock.advance(3_000));
  }

  return (
    <AuthSocketProvider socket={socket}>
      <div className="notice-page" data-ready={isReady} onClick={passTime}>
        <header>
          <strong>Meridian</strong>
          <nav aria-label="Channels">
            <a href="#general" aria-current="page">
              General
            </a>
            <a href="#design">Design</a>
          </nav>
        </header>
        {look === 'slim bar' && <SlimBar now={world.clock.now} />}
        <main>
          <h1>General</h1>
          <ol>
            <Message by="Ines" at="9:41">
              The tram is late again, I will join from the platform.
            </Message>
            <Message by="Tomás" at="9:43">
              No hurry. The draft of the agenda is in the folder.
            </Message>
            <Message by="Ines" at="9:44">
              Read it in the tunnel. The order of the points is better now.
            </Message>
          </ol>
          <form onSubmit={event => event.preventDefault()}>
            <label htmlFor="message">Message to General</label>
            <textarea id="message" rows={2} defaultValue="I can take the first point" />
            {look === 'composer note' && <ComposerNote />}
          </form>
        </main>
        {look === 'corner pill' && <CornerPill />}
      </div>
    </AuthSocketProvider>
  );
}

function Message({ by, at, children }: { by: string; at: string; children: string }) {
  return (
    <li>
      <b>{by}</b> <time>{at}</time>
      <p>{children}</p>
    </li>
  );
}

import * as React from 'react';
import type { SentChange, SentMessage } from './sentMessages';
import { useSocketMessage, useSocketOpen, useSocketState } from './socket';
import { emptyFeed, reduceFeed } from './tickFeed';
import { TickStrip } from './TickStrip';

const stateWords: Readonly<Record<SentMessage['state'], string>> = {
  waiting: 'waits for the link',
  underway: 'on its way',
  delivered: 'delivered',
  dropped: 'not sent: it waited too long',
};

interface MessagesProps {
  sent: readonly SentMessage[];
  changeSent: (change: SentChange) => void;
}

/** What came and what was said. After an outage the server is asked for what was missed. */
export function Messages({ sent, changeSent }: MessagesProps): React.ReactElement {
  const feed = useSocketState(reduceFeed, emptyFeed);
  const lastSeq = React.useRef(0);
  useSocketMessage(({ seq }) => void (lastSeq.current = seq), { topic: 'tick' });
  useSocketMessage(({ id }) => changeSent({ type: 'moved', id, to: 'delivered' }), { topic: 'echo' });
  useSocketOpen(({ send }) => {
    if (lastSeq.current > 0) send({ type: 'resume', from: lastSeq.current + 1 });
    // What a dead link swallowed goes out again; the server knows a message by its id.
    for (const { id, text, state } of sent) if (state === 'underway') send({ type: 'echo', id, text });
    changeSent({ type: 'left' });
  });
  return (
    <>
      <h2 id="messages-title">Messages</h2>
      <TickStrip feed={feed} />
      <ol className="sent" aria-label="What you said">
        {sent.map(({ id, text, state }) => (
          <li key={id} className={state}>
            <span className="text">{text}</span> <span className="state">{stateWords[state]}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

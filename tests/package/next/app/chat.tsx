'use client';
import { useConnectionNotice, useSocket, useSocketMessage, useSocketStatus } from 'react-auth-socket';
import { useState } from 'react';

export function Chat() {
  const socket = useSocket();
  const notice = useConnectionNotice();
  const link = useSocketStatus(status => status.link);
  const [messages, setMessages] = useState<readonly string[]>([]);
  useSocketMessage(message => {
    const { type, text } = message as { type: string; text: string };
    if (type === 'echo') setMessages(former => [...former, text]);
  });
  return (
    <section>
      <p>
        Link: <output>{link}</output>
      </p>
      <p role="status">{notice ? 'Reconnecting…' : ''}</p>
      <button type="button" onClick={() => socket.send({ type: 'echo', id: messages.length, text: 'Hi' })}>
        Say hi
      </button>
      <ul>
        {messages.map((text, index) => (
          <li key={index}>{text}</li>
        ))}
      </ul>
    </section>
  );
}
